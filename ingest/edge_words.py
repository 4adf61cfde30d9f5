"""What the words of a question weigh in Qdrant Edge, which multiplies each by its inverse document frequency.

Over what one may read it takes long to count that: half of a search by words in 50,000 chunks. So it is
counted once and told to the engine as the word's weight, and the engine counts over nothing at all, where it
finds the same for every word.
"""

import math
from functools import partial
from typing import cast

import qdrant_edge as engine

from ingest.edge_filter import READERS
from ingest.rarity import Rarity, Scope

SPARSE = "words"
NOTHING = engine.Filter(must=[engine.FieldCondition(READERS, match=engine.MatchValue(""))])
UNCOUNTED = engine.SearchParams(idf=engine.IdfParams(corpus=NOTHING))
OF_NOTHING = math.log(2)  # the frequency of any word there
EVERY = -1  # the "word" that every chunk has
# A count that is found this far from a whole number was not made over the chunks that there are.
NEAR = 0.1


class WordCounts:
    """Word statistics over what a principal may read, and over nothing else. Safe for several threads.

    The ranking of one tenant's documents neither depends on another tenant's nor tells anything of them.
    """

    def __init__(self, shard: engine.EdgeShard) -> None:
        self._shard, self._rarity = shard, Rarity()

    def forget(self) -> None:
        """Something was written."""
        self._rarity.forget()

    def weighed(
        self, scope: Scope, readable: engine.Filter, words: list[int]
    ) -> tuple[engine.SparseVector, engine.SearchParams]:
        """A question of these words, and the parameters to ask it with; `readable` is the scope's filter."""
        counted = self._rarity.of(scope, words, partial(self._frequencies, scope, readable))
        weights = [each / OF_NOTHING for each in counted if each is not None]
        if len(weights) == len(words):
            return engine.SparseVector(words, weights), UNCOUNTED
        return engine.SparseVector(words, [1.0] * len(words)), _counting(readable)

    def _frequencies(self, scope: Scope, readable: engine.Filter, words: list[int]) -> list[float | None]:
        """The inverse document frequencies, None where one cannot be told.

        The engine tells none; but of a question of one word the score is that, times what is in the chunk.
        How many chunks have the word follows from that exactly, whatever was lost to rounding.
        """
        [every] = self._rarity.of(scope, [EVERY], lambda _: [self._count(readable)])
        asked = [
            engine.QueryRequest(
                1,
                query=engine.Query.Nearest(engine.SparseVector([word], [1.0]), SPARSE),
                filter=readable,
                params=_counting(readable),
                with_vector=[SPARSE],
            )
            for word in words
        ]
        # All at once: then what is readable, which takes the time, is looked for once.
        found = self._shard.query_batch(engine.QueryBatchRequest(asked))
        return [_frequency(word, hits, every or 0.0) for word, hits in zip(words, found, strict=True)]

    def _count(self, readable: engine.Filter) -> float:
        return float(self._shard.count(engine.CountRequest(filter=readable)))


def _counting(readable: engine.Filter) -> engine.SearchParams:
    return engine.SearchParams(idf=engine.IdfParams(corpus=readable))


def _frequency(word: int, hits: list[engine.ScoredPoint], every: float) -> float | None:
    if not hits:
        return OF_NOTHING  # whatever it is: no chunk has the word
    held = cast("dict[str, engine.SparseVector]", hits[0].vector)[SPARSE]
    rounded = hits[0].score / held.values[held.indices.index(word)]
    having = (every + 1) * math.exp(-rounded) - 0.5
    whole = round(having)
    if abs(having - whole) > NEAR:
        return None
    return math.log((every - whole + 0.5) / (whole + 0.5) + 1)
