"""The VectorStore protocol: where the chunks' vectors live and passages are found.

A store knows nothing of publication: it keeps points of any version and leaves out of every answer
the versions that it is told to hide. `ingest.publish` says which those are.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.access import Access, Principal
from ingest.documents import Chunk, Passage
from ingest.where import EVERYWHERE, Where

Vectors = NDArray[np.float32]
# From each side of a hybrid search: fusion needs more than it returns.
CANDIDATES = 100

# What a point holds. With another number here, the next sync writes the points of every document anew.
POINT_FORM = 3


class Mode(StrEnum):
    """How passages are found: by meaning, by words, or by both."""

    HYBRID = "hybrid"
    DENSE = "dense"
    SPARSE = "sparse"


@dataclass(frozen=True, slots=True)
class Past:
    """Documents that are not looked in: those that expired before a day (YYYY-MM-DD); those superseded."""

    expired_before: str | None = None
    superseded: bool = False


NOTHING_PAST = Past()


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and where. `vector` (dimension,) is not needed when the mode is sparse.

    Documents at the uris `standing` count as lying in `where.path`: they stand for copies that do.
    """

    text: str
    vector: Vectors | None
    k: int = 10
    mode: Mode = Mode.HYBRID
    where: Where = EVERYWHERE
    past: Past = NOTHING_PAST
    standing: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One chunk of one version of a document, as it is stored.

    `version` changes with anything that a reader can notice: text, title, access, labels, days. A point that
    was written before it held `language`, days and `superseded` has none.
    """

    version: str
    chunk: Chunk
    uri: str
    title: str
    access: Access
    labels: frozenset[str] = frozenset()
    language: str | None = None
    expires: str | None = None
    superseded: bool = False
    dated: str | None = None

    @property
    def point_id(self) -> str:
        """Identity in the store: two versions of one document never share a point."""
        return str(uuid.uuid5(uuid.UUID(self.chunk.document_id), f"{self.version}\n{self.chunk.ordinal}"))


class VectorStore(Protocol):
    """Points by version; every read is for a principal and passes `ingest.access.access_filter`.

    Safe to call from several threads. Vendor errors arrive as `ingest.errors.StoreFault`.
    """

    def write(self, points: Sequence[Point], vectors: Vectors) -> None:
        """Store points with their vectors (len(points), dimension). Writing them twice changes nothing."""
        ...

    def drop(self, versions: Collection[str]) -> None:
        """Remove all points of `versions`. Unknown versions are ignored."""
        ...

    def search(self, principal: Principal, question: Question, hidden: Collection[str]) -> list[Passage]:
        """The `question.k` best passages that `principal` may read, best first, none of a hidden version.

        `question.where` only ever narrows that: it changes which are found, and no score of a cosine or BM25.

        The score is a cosine (dense), BM25 (sparse) or a fusion (hybrid): comparable within one answer.
        """
        ...

    def points(self, principal: Principal, hidden: Collection[str]) -> Iterator[Point]:
        """Every point that `principal` may read, in no particular order."""
        ...

    def count(self, principal: Principal, hidden: Collection[str]) -> int:
        """How many points `principal` may read."""
        ...

    def flush(self) -> None:
        """Return once everything written and dropped would survive a power cut."""
        ...

    def optimize(self) -> None:
        """Build the search index over what was written since the last call. May take minutes."""
        ...

    def due(self) -> bool:
        """Whether so much was written that `optimize` would be worth it, and has to be asked for."""
        ...

    def copy(self, place: Path) -> None:
        """Make a copy in the folder `place`, which is to be optimized instead of what is in use.

        Nothing may be written meanwhile. Asked only of a store that says it is `due`.
        """
        ...

    def close(self) -> None:
        """Flush and let go of the files. The store cannot be used afterwards."""
        ...


def embedded_text(point: Point) -> str:
    """What is embedded of a chunk: its headings (or the title where it has none), then its text."""
    return f"{point.chunk.heading or point.title}\n{point.chunk.text}"


def indexed_words(point: Point) -> str:
    """What BM25 counts words in: title, headings and text, the title once."""
    heading = point.chunk.heading
    above = heading if heading.startswith(point.title) else f"{point.title} {heading}"
    return f"{above}\n{point.chunk.text}"


def passage(point: Point, score: float, vector: Vectors) -> Passage:
    """A stored point as an answer to a question, with its own vector (dimension,)."""
    chunk = point.chunk
    return Passage(
        chunk_id=chunk.chunk_id,
        document_id=chunk.document_id,
        uri=point.uri,
        title=point.title,
        heading=chunk.heading,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        score=score,
        labels=point.labels,
        expires=point.expires,
        superseded=point.superseded,
        vector=vector,
    )
