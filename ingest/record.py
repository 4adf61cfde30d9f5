"""What the catalog keeps: a document's record, a file's trace, the index's visibility."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self

from ingest.access import Access
from ingest.fingerprint import Fingerprint
from ingest.lifecycle import state


class Cut(NamedTuple):
    """A chunk of a document, without its text."""

    start: int
    end: int
    heading: str
    page: int | None
    labels: frozenset[str]

    def row(self) -> list[Any]:
        """As the catalog keeps it."""
        return [*self[:4], sorted(self.labels)]

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """From what the catalog keeps."""
        return cls(row[0], row[1], row[2], row[3], frozenset(row[4]))


@dataclass(frozen=True, slots=True)
class Record:
    """A published document as the catalog knows it. `updated_at` is UTC, ISO 8601.

    `file` is the uri of the file that holds it: its own uri, or that of the archive or e-mail around it.
    `text` is the cleaned text, which all offsets count; empty in listings. `fingerprint` and `cuts` are given
    when it is published, and not read back with the rest; `cuts` only if a `twin` stands for it.
    """

    document_id: str
    uri: str
    file: str
    version: str
    title: str
    content_hash: str
    access: Access
    chunks: int
    updated_at: str
    labels: frozenset[str] = frozenset()
    language: str | None = None
    expires: str | None = None
    superseded_by: str | None = None
    dated: str | None = None
    license: str | None = None
    text: str = ""
    fingerprint: Fingerprint | None = None
    twin: str | None = None
    cuts: tuple[Cut, ...] = ()

    @property
    def is_copy(self) -> bool:
        """Whether it is not in the store, because a twin is."""
        return bool(self.cuts)

    def listing(self) -> dict[str, Any]:
        """The record as `list` shows it."""
        return {
            "document_id": self.document_id,
            "uri": self.uri,
            "title": self.title,
            "chunks": self.chunks,
            "groups": sorted(self.access.groups),
            "labels": sorted(self.labels),
            "language": self.language,
            "dated": self.dated,
            "expires": self.expires,
            "superseded_by": self.superseded_by,
            "state": str(state(self.expires, self.superseded_by is not None, date.today())),  # noqa: DTZ011  # the day here
            "updated_at": self.updated_at,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and the cursor of the next page (None after the last)."""

    records: tuple[Record, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class FileTrace:
    """What a file looked like when it was last indexed without a fault.

    `stamp` is its size, times and inode; `content` the SHA-256 of its bytes; `recipe` the digest of
    everything else that decides what becomes of it (access, labels, settings, policy). `skipped` are the uris
    of members that no reader takes, and why.
    """

    uri: str
    stamp: str
    content: str
    recipe: str
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Visibility:
    """What must not be seen of the store now. `generation` grows with every change of it."""

    generation: int
    hidden: frozenset[str]
