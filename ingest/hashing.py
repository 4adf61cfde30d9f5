"""An embedder without a model: words are hashed to directions. For tests and dry runs; knows no meaning."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ingest.store import Vectors

WORD = re.compile(r"\w+")


class HashEmbedder:
    """Texts that share words get near vectors. Deterministic, instant, the same on every machine."""

    def __init__(self, dimension: int = 64, name: str = "hash") -> None:
        self.name = name
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""
        rows = [self.encode_query(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def encode_query(self, text: str) -> Vectors:
        """(dimension,) float32 of unit length: the sum of its words' directions."""
        # The constant keeps a text without words from having no direction at all.
        total = np.full(self.dimension, 1e-3)
        for word in WORD.findall(text.lower()):
            total += _direction(f"{self.name}\n{word}", self.dimension)
        unit: Vectors = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


@lru_cache(maxsize=100_000)
def _direction(seed: str, dimension: int) -> Vectors:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return np.random.default_rng(number).standard_normal(dimension).astype(np.float32)
