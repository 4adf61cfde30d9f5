"""The words of texts and questions, weighed for BM25: the same for every engine that keeps them."""

import hashlib
from typing import NamedTuple

import numpy as np
import qdrant_edge as engine

# What a chunk has on average, in words that count. BM25 weighs shorter chunks up, longer ones down.
AVERAGE_WORDS = 100.0
# Words that tell nothing of what is asked. The engine's own English list also holds words such as "off",
# without which "time off" is just "time".
STOPWORDS = """
a an and are as at be been being but by can could did do does doing for from had has have having he
her hers him his how i if in into is it its me my of or our ours she so than that the their theirs
them then there these they this those to us was we were what when where which who whom why will with
would you your yours
"""
# An odd number near 2^32 over the golden ratio: times it, neighbours land far apart.
SPREAD = np.uint32(2654435761)
HALF = np.uint32(16)


class Weights(NamedTuple):
    """A sparse vector: which words, ascending, and how much each counts."""

    indices: list[int]
    values: list[float]


class Words:
    """Turns words into numbers. Each tenant's words have numbers of their own.

    A question then meets its tenant's lists of chunks alone, however many tenants there are. Two words may
    share a number, as they may in the engine; words of two tenants too, which the filter keeps apart.
    """

    def __init__(self) -> None:
        stopwords = engine.StopwordsSet(custom=set(STOPWORDS.split()))
        self._model = engine.Bm25(engine.Bm25Config(avg_len=AVERAGE_WORDS, stopwords=stopwords))

    def of_text(self, tenant: str, text: str) -> Weights:
        """Those of a text: how often each occurs, the less the longer the text."""
        return _salted(self._model.embed_document(text), tenant)

    def of_question(self, tenant: str, text: str) -> Weights:
        """Those of a question: each counts once. None where nothing but stop words is asked."""
        return _salted(self._model.embed_query(text), tenant)


def _salted(words: engine.SparseVector, tenant: str) -> Weights:
    salt = np.frombuffer(hashlib.sha256(tenant.encode()).digest()[:4], np.uint32)
    # Each step can be undone, so that words of one tenant that differ still do.
    mixed = (np.asarray(words.indices, np.uint32) ^ salt) * SPREAD
    mixed ^= mixed >> HALF
    order = np.argsort(mixed)
    return Weights(mixed[order].tolist(), np.asarray(words.values)[order].tolist())
