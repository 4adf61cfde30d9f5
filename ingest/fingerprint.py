"""A document's fingerprint: its shingles under a secret key, by which its words are known again and not read.

Without the key nobody can tell from a fingerprint whether a guess stands in the document.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from guardrails import shingles

Hashes = NDArray[np.uint64]

KEY_FILE = "fingerprint-key"
_BYTES = 8  # of a hash
_STORED = np.dtype(">u8")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the catalog keeps: the sealed hashes in ascending order, 8 bytes each, and the recipe of them."""

    recipe: str
    hashes: bytes

    @staticmethod
    def read(kept: bytes) -> Hashes:
        """The hashes, shape (count,), ascending."""
        return np.frombuffer(kept, dtype=_STORED).astype(np.uint64)


class Seal:
    """Makes fingerprints with one key: what two keys make has nothing in common."""

    def __init__(self, key: bytes) -> None:
        """`key`: up to 64 bytes."""
        self._key = key

    @classmethod
    def kept(cls, folder: Path) -> Self:
        """With the key of a data folder; one is made, for its owner's eyes, if there is none.

        The caller has claimed the folder, so nobody else makes one at the same time.
        """
        file = folder / KEY_FILE
        if not file.exists():
            folder.mkdir(0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=KEY_FILE, delete=False) as scratch:
                scratch.write(secrets.token_bytes(32))
            Path(scratch.name).replace(file)
        return cls(file.read_bytes())

    @property
    def recipe(self) -> str:
        """Names the key and the kind of shingles: fingerprints of another recipe are of no use."""
        return hashlib.blake2b(shingles.VERSION.encode(), key=self._key, digest_size=_BYTES).hexdigest()

    def fingerprint(self, text: str) -> Fingerprint:
        """That of a document."""
        return Fingerprint(self.recipe, b"".join(sorted(map(self._sealed, shingles.kept(text)))))

    def hashes(self, values: Collection[int]) -> Hashes:
        """The sealed hashes of shingles, in their order."""
        return Fingerprint.read(b"".join(map(self._sealed, values)))

    def _sealed(self, value: int) -> bytes:
        written = value.to_bytes(_BYTES, "big")
        return hashlib.blake2b(written, key=self._key, digest_size=_BYTES).digest()
