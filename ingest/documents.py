"""The values that travel through ingestion and retrieval: documents, chunks, passages."""

import uuid
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.access import Access
from ingest.errors import IngestError

NAMESPACE = uuid.UUID("6f1d9a52-6a0e-5c0b-9f3e-9b8d2f0c7a11")


def document_id(tenant: str, uri: str) -> str:
    """Identity of a document: uuid5 of tenant and uri, stable over re-syncs."""
    return str(uuid.uuid5(NAMESPACE, f"{tenant}\n{uri}"))


def chunk_id(document: str, content_hash: str, ordinal: int) -> str:
    """Identity of a chunk: changes with the document's content, so versions never mix."""
    return str(uuid.uuid5(uuid.UUID(document), f"{content_hash}\n{ordinal}"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in a document's text where something begins.

    A heading (`level` 1-6, `title`) or a page (`page`, from 1). `start` counts characters of the
    text that the mark belongs to.
    """

    start: int
    level: int = 0
    title: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a file, as an e-mail's attachment: a name unique in its container, and its bytes.

    `refusal` says why it could not be taken out (it is encrypted, or a link); then there are no bytes.
    """

    name: str
    data: bytes
    refusal: IngestError | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """What a reader makes of a file: its text, and where headings and pages begin in it.

    `blocks` are (start, end) spans that should not be cut apart (a table row, a CSV row, a list
    item, a paragraph), in order and without overlap; text between them is separators.
    `members` are the files inside, not yet read; an archive has no text beside them. The others are what the
    file says of itself: the day that it is of, that it expires on (YYYY-MM-DD), what supersedes it ("":
    something does), its language. `notes` say what of the file is not in the text, and why
    ("no text layer on page 3: ..."); they quote nothing of it.
    """

    title: str
    text: str
    marks: tuple[Mark, ...] = ()
    blocks: tuple[tuple[int, int], ...] = ()
    members: tuple[Member, ...] = ()
    dated: str | None = None
    notes: tuple[str, ...] = ()
    expires: str | None = None
    superseded_by: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A label that the words from `start` to `end` of a document's text earned."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file after cleaning. Offsets everywhere else count characters of `text`.

    `labels` hold for all of it; `flags` for the passages that they lie in. `expires` and `dated` are days,
    YYYY-MM-DD; `superseded_by` names another document, and is empty where that is not said.
    """

    document_id: str
    uri: str
    title: str
    text: str
    content_hash: str
    access: Access
    marks: tuple[Mark, ...] = ()
    blocks: tuple[tuple[int, int], ...] = ()
    labels: frozenset[str] = frozenset()
    flags: tuple[Flag, ...] = ()
    language: str | None = None
    expires: str | None = None
    superseded_by: str | None = None
    dated: str | None = None
    license: str | None = None

    @property
    def every_label(self) -> frozenset[str]:
        """Those of the whole document and of any passage in it."""
        return self.labels | {flag.label for flag in self.flags}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document: `document.text[start:end] == text`, exactly.

    `heading` is the path of headings above it ("Handbook > Time off"); it travels with the chunk
    into the embedding and the prompt, and is no part of `text`.
    """

    chunk_id: str
    document_id: str
    ordinal: int
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found for a question, with what a citation needs."""

    chunk_id: str
    document_id: str
    uri: str
    title: str
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    score: float
    labels: frozenset[str] = field(default=frozenset())
    expires: str | None = None
    superseded: bool = False
    # (dimension,), as the index holds it of headings and text; whoever needs it has not to embed anew.
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    # The name of the embedder whose it is.
    by: str = field(default="", compare=False, repr=False)
