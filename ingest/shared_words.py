"""A reranker without a model: the share of a question's words that stand in a text. For tests."""

import re
from collections.abc import Sequence

import numpy as np

from ingest.store import Vectors

WORD = re.compile(r"\w+")


class SharedWords:
    """Deterministic, instant, the same on every machine. Knows no meaning, and no order of words."""

    def __init__(self, weight: float = 1.0, name: str = "shared-words") -> None:
        self.weight = weight
        self.name = name

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """(len(texts),) float32 in [0, 1]. A question without words has none in common with anything."""
        asked = set(WORD.findall(question.lower()))
        shares = [len(asked & set(WORD.findall(text.lower()))) / max(1, len(asked)) for text in texts]
        return np.array(shares, dtype=np.float32)
