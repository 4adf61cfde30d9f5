"""The Embedder protocol: texts to vectors of unit length."""

from collections.abc import Sequence
from typing import Protocol

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
