"""The Embedder protocol: texts to vectors of unit length."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ingest.store import Vectors


class Embedder(Protocol):
    """Texts to vectors. Also what the rails call an `Encoder`. Safe to call from several threads.

    `name` is known without loading anything; the other properties may load the model.
    """

    @property
    def name(self) -> str:
        """Which model this is: the same name always means the same weights."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Passages to vectors: (len(texts), dimension) float32, rows of unit length."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """One question to its vector (dimension,), float32 of unit length."""
        ...


def fingerprint(embedder: Embedder) -> str:
    """What must be equal for two vectors to be compared: model, dimension, normalisation."""
    return f"{embedder.name} dimension={embedder.dimension} unit"


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to unit length, in float32. A row of zeros stays as it is."""
    exact = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(exact, axis=-1, keepdims=True)
    scaled: Vectors = exact / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled
