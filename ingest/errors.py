"""The errors of ingestion.

IngestError
├── UnsupportedFile          skipped, with a reason: nothing is wrong with the file
│   └── EmptyFile
├── UnreadableFile           failed, with an error and a remedy
│   ├── CorruptFile          truncated, damaged, or not what its name says
│   ├── EncryptedFile
│   ├── FileTooLarge         in bytes, in pages, once unpacked, or in text
│   ├── NoTextFound          a scan without a text layer, an empty page
│   ├── ReaderTimeout
│   └── ReaderCrash          the worker died (out of memory, a bug in a parser)
├── BadManifest              a `.plumbline.yaml` that cannot be followed: what lies below it fails
├── NoReaders                a link leads to a folder whose groups share none with those of the link's
├── Quarantined              a document rail blocked the text
│   └── RailFailed           it could not judge the text, and fails closed
├── NoRecord                 what a document rail decided could not be put on record
├── NotIndexed               no such document, or not one that the principal may see
├── StoreFault               the vector store failed
├── CatalogFault             the catalog's database failed
├── RayFault                 the cluster that a sync was to run on failed
└── Misuse                   bad usage or configuration: the command line exits 2
    ├── NoSuchPath
    ├── BadCursor
    ├── BadBatch             a line of a batch file
    ├── UnusableFolder       the data folder is a file, or nothing can be written there
    ├── IndexBusy            another process holds the index
    ├── EmbedderMismatch     the index was built by another embedder
    ├── EmbedderUnavailable  the embedding model cannot be loaded, or its endpoint does not answer
    ├── RerankerUnavailable  the model that orders passages cannot be loaded
    └── ServerUnreachable    the process that holds the index does not answer as it should

Messages never quote a document's text: they reach logs and job records.
"""

from collections.abc import Mapping
from types import MappingProxyType


class IngestError(Exception):
    """Base of everything that ingestion raises on purpose.

    `remedy` says what the reader of the message can do about it; it is part of `str(error)`.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class UnsupportedFile(IngestError):  # an outcome ("skipped"), not a fault
    """No reader takes this file. It is skipped, and the message is the reason."""


class EmptyFile(UnsupportedFile):
    """The file has no bytes, or only white space."""


class UnreadableFile(IngestError):  # reads as its twin, UnsupportedFile
    """A reader takes this kind of file, and could not read this one."""


class CorruptFile(UnreadableFile):
    """The file is truncated, damaged, or not what its name says."""


class EncryptedFile(UnreadableFile):
    """The file needs a password."""


class FileTooLarge(UnreadableFile):
    """The file is over a limit: bytes, pages, unpacked size, or extracted text."""


class NoTextFound(UnreadableFile):
    """The file is sound and holds no text, as a scan without a text layer."""


class ReaderTimeout(UnreadableFile):
    """The reader took longer than its time limit and was stopped."""


class ReaderCrash(UnreadableFile):
    """The process that read the file died: out of memory, or a fault in a parser."""


class BadManifest(IngestError):  # as its siblings
    """A `.plumbline.yaml` that is no YAML or breaks the schema."""


class NoReaders(IngestError):  # as its siblings
    """Nobody may read the file both where it is linked and where it lies; nothing of it is indexed."""


class Quarantined(IngestError):  # an outcome of the rails
    """A document rail blocked the text; nothing of it is indexed.

    `content_hash` is the text's SHA-256, `findings` how often was found what: by (rail, label, action).
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        content_hash: str = "",
        findings: Mapping[tuple[str, str, str], int] = MappingProxyType({}),
    ) -> None:
        super().__init__(message, remedy)
        self.content_hash = content_hash
        self.findings = dict(findings)


class RailFailed(Quarantined):
    """The rails that blocked the text could not judge it; what was indexed before stays."""


class NoRecord(IngestError):  # as its siblings
    """What a document rail decided could not be put on record; nothing of the text is indexed."""


class NotIndexed(IngestError):  # as its siblings
    """There is no such document, or none that the principal may see: the two are not told apart."""


class StoreFault(IngestError):  # as its siblings
    """The vector store failed."""


class CatalogFault(IngestError):  # as its siblings
    """The catalog's database failed."""


class RayFault(IngestError):  # as its siblings
    """The Ray cluster that a sync was to run on failed, or cannot be reached."""


class Misuse(IngestError):  # as its siblings
    """Bad usage or configuration; the remedy says what to do."""


class NoSuchPath(Misuse):
    """A path to sync or read that is not there."""


class BadCursor(Misuse):
    """A page cursor that no listing has given out."""


class BadBatch(Misuse):
    """A batch file with a line that is no question."""


class UnusableFolder(Misuse):
    """The data folder cannot be made, or not be written in."""


class IndexBusy(Misuse):
    """Another process holds the index, and it is no server that could be asked instead."""


class EmbedderMismatch(Misuse):
    """The index holds vectors of another embedder than the one configured."""


class EmbedderUnavailable(Misuse):
    """The embedding model is not there or cannot be loaded; or its endpoint does not answer as it should."""


class RerankerUnavailable(Misuse):
    """The model that puts passages in order is not there, or cannot be loaded."""


class ServerUnreachable(Misuse):
    """The server that holds the index does not answer, or answers nonsense."""
