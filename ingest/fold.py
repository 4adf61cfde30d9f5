"""What is written of a publication: one of twins, and copies that take the place of a twin that leaves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ingest.copies import Copies, points
from ingest.edition import Edition
from ingest.embedder import Embedder
from ingest.record import Record
from ingest.store import Point, Vectors, embedded_text


class Publication(NamedTuple):
    """Documents to show, and what the store gets of them: points with their vectors (points, dimension)."""

    records: list[Record]
    points: list[Point]
    vectors: Vectors

    def __add__(self, other: "Publication") -> "Publication":  # type: ignore[override]  # no sum of tuples
        """Both at once."""
        if not other.records:
            return self
        vectors = np.concatenate([self.vectors, other.vectors]) if self.points else other.vectors
        return Publication(self.records + other.records, self.points + other.points, vectors)

    @property
    def folded(self) -> frozenset[str]:
        """The ids of the documents for which a twin stands."""
        return frozenset(each.document_id for each in self.records if each.is_copy)


NOTHING = Publication([], [], np.empty((0, 0), dtype=np.float32))


def folded(
    editions: Sequence[Edition], records: Sequence[Record], vectors: Vectors, copies: Copies
) -> Publication:
    """Documents to publish, each with its record; the chunks of all have `vectors`, one after the other.

    An edition whose twin is in the store already, or comes before it, is a copy: nothing of it is written.
    One that stands for its twins already goes on to do so.
    """
    before = copies.stood_for(ids(records))
    staying = {each.document_id for each in records if before.get(each.document_id) == each.twin}
    standing = copies.standing({each.twin for each in records if each.twin}, ids(records))
    standing |= {each.twin for each in records if each.twin and each.document_id in staying}
    made: list[Record] = []
    written: list[Point] = []
    rows: list[int] = []
    first = 0
    for edition, record in zip(editions, records, strict=True):
        last = first + len(edition.chunks)
        if record.twin in standing and record.document_id not in staying:
            made.append(replace(record, chunks=0, cuts=edition.cuts()))
        else:
            made.append(record)
            written += edition.points()
            rows += range(first, last)
            standing.add(record.twin or "")
        first = last
    return Publication(made, written, vectors[rows])


def promoted(heirs: Sequence[Record], embedder: Embedder) -> Publication:
    """Copies that take their twin's place."""
    written = [point for heir in heirs for point in points(heir)]
    vectors = embedder.encode([embedded_text(point) for point in written])
    return Publication([replace(heir, cuts=()) for heir in heirs], written, vectors)


def ids(records: Sequence[Record]) -> list[str]:
    """The documents' ids."""
    return [record.document_id for record in records]
