"""What a tenant's restricted documents hold and its open ones do not, by hash: in memory, for quick looks.

12 bytes a hash of a restricted document; of documents that the whole tenant may read nothing is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.access import Access, Principal
from ingest.fingerprint import Fingerprint, Hashes

_PREFIX = 24  # bits of a hash that a first, coarse look compares
_SHIFT = np.uint64(64 - _PREFIX)

Classes = NDArray[np.uint32]
Held = tuple[Access, bytes]
"""Who may read a document, and its fingerprint's hashes."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Hashes, ascending, and of each the class of documents that hold it: a place in `accesses`.

    A hash that several classes hold stands there several times.
    """

    hashes: Hashes
    classes: Classes
    accesses: tuple[Access, ...]

    @classmethod
    def of(cls, restricted: Iterable[Held], open_to_all: Iterable[Held]) -> Self:
        """What `restricted` documents hold and those of the whole tenant do not."""
        held: dict[Access, list[Hashes]] = {}
        for access, kept in restricted:
            held.setdefault(access, []).append(Fingerprint.read(kept))
        distinct = [np.unique(np.concatenate(each)) for each in held.values()]
        hashes = np.concatenate([np.empty(0, np.uint64), *distinct])
        classes = np.repeat(np.arange(len(distinct), dtype=np.uint32), [len(each) for each in distinct])
        order = np.argsort(hashes, kind="stable")
        hashes, classes = hashes[order], classes[order]
        closed = _without(hashes, open_to_all)
        return cls(hashes[closed], classes[closed], tuple(held))

    def closed_to(self, principal: Principal) -> NDArray[np.bool_]:
        """Of each class, whether `principal` may not read it. Shape (len(accesses),)."""
        return np.array([not principal.may_read(access) for access in self.accesses], dtype=np.bool_)

    def among(self, hashes: Hashes, closed: NDArray[np.bool_]) -> list[int]:
        """The places in `hashes` of those that only classes hold which are `closed`."""
        first = np.searchsorted(self.hashes, hashes, side="left")
        last = np.searchsorted(self.hashes, hashes, side="right")
        held = np.flatnonzero(last > first)
        return [int(place) for place in held if closed[self.classes[first[place] : last[place]]].all()]


def _without(hashes: Hashes, documents: Iterable[Held]) -> NDArray[np.bool_]:
    """Of each of `hashes`, whether it stands in none of `documents`."""
    absent = np.ones(len(hashes), dtype=np.bool_)
    likely = np.zeros(1 << _PREFIX, dtype=np.bool_)
    likely[hashes >> _SHIFT] = True
    for _, kept in documents:
        other = Fingerprint.read(kept)
        other = other[likely[other >> _SHIFT]]
        first = np.searchsorted(hashes, other, side="left")
        last = np.searchsorted(hashes, other, side="right")
        for place in np.flatnonzero(last > first):
            absent[first[place] : last[place]] = False
    return absent
