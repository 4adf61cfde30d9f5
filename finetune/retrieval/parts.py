"""Which documents are trained on and which are measured: by their names alone, so that no run mixes them.

Documents that share a name before a line break are parts of one, and never come apart.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from eval.collection import Collection

OF = 100


class Part(StrEnum):
    """What a document is used for."""

    TRAIN = "train"
    TUNE = "tune"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Split:
    """Percent of the documents that are tuned on, and held out to measure; the rest is trained on."""

    tune: int = 10
    held: int = 30

    def part(self, name: str) -> Part:
        """That of the document `name`."""
        place = int.from_bytes(hashlib.sha256(whole(name).encode()).digest()[:4], "big") % OF
        if place < self.held:
            return Part.HELD
        return Part.TUNE if place < self.held + self.tune else Part.TRAIN

    def part_of(self, names: Iterable[str]) -> Part:
        """That of a question: of the first, by name, of the documents that are relevant to it."""
        return self.part(min(names))

    def only(self, collection: Collection, part: Part) -> Collection:
        """The collection with the questions of one part, over all its documents."""
        relevant = {name: names for name, names in collection.relevant.items() if self.part_of(names) is part}
        queries = {name: text for name, text in collection.queries.items() if name in relevant}
        return replace(collection, queries=queries, relevant=relevant)


EVENLY = Split()


def whole(name: str) -> str:
    """The document that `name`, which may be a piece of it, belongs to."""
    return name.partition("\n")[0]


def piece(document: str, number: int | str) -> str:
    """The name of a piece of a document."""
    return f"{document}\n{number}"
