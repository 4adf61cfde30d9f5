"""Bytes to Extracts: which reader takes a file, by its content first and its name second."""

from dataclasses import dataclass, replace
from pathlib import PurePath
from types import TracebackType
from typing import Protocol, Self

from ingest.documents import Extract, Member
from ingest.errors import CorruptFile, EmptyFile, EncryptedFile, FileTooLarge, IngestError, UnsupportedFile
from ingest.sandbox import Limits, Sandbox

MAX_BYTES = 64 * 1024**2
DEEPEST = 5  # e-mails in e-mails


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: the module whose `read` takes it, its names, and how its content begins."""

    name: str
    reader: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...]
    signature: bytes = b""


# Another format is one reader and one line here.
FORMATS = (
    Format("Markdown", "ingest.readers.markdown", (".md", ".markdown", ".mdx"), ("text/markdown",)),
    Format("text", "ingest.readers.text", (".txt", ".text", ".log"), ("text/plain",)),
    Format(
        "HTML", "ingest.readers.html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")
    ),
    Format("PDF", "ingest.readers.pdf", (".pdf",), ("application/pdf",), b"%PDF-"),
    Format(
        "Word",
        "ingest.readers.docx",
        (".docx",),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
        b"PK\x03\x04",
    ),
    Format(
        "CSV", "ingest.readers.delimited", (".csv", ".tsv", ".tab"), ("text/csv", "text/tab-separated-values")
    ),
    Format("e-mail", "ingest.readers.email", (".eml",), ("message/rfc822",)),
)
BY_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}
MARKDOWN, TEXT, HTML, PDF, WORD, CSV, EMAIL = FORMATS

# How common binary files begin: named so that a wrong name gets a clear answer.
BINARIES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"PK\x03\x04", "a ZIP archive that holds no Word document"),
)
WORD_PART = b"word/document.xml"  # names stand in a ZIP archive uncompressed
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
PDF_WITHIN = 1024  # readers of PDF accept that much before the signature


@dataclass(frozen=True, slots=True)
class Part:
    """A file that was read (`member` is empty), or one inside it (`member` is its path: "a.eml!/b.pdf")."""

    member: str
    extract: Extract


@dataclass(frozen=True, slots=True)
class Rejected:
    """A member that was not read: `UnsupportedFile` means skipped, anything else failed."""

    member: str
    error: IngestError


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave: itself first, then its members; and the members that gave nothing."""

    parts: tuple[Part, ...]
    rejected: tuple[Rejected, ...] = ()


class Loads(Protocol):
    """What loads files: `Loader`, or a fake. Safe to use from many threads."""

    def load(self, data: bytes, name: str) -> Loaded:
        """As `Loader.load`."""
        ...


class Loader:
    """Loads files in reader processes. Safe to use from many threads; close it when done."""

    def __init__(self, limits: Limits | None = None, *, workers: int = 1, max_bytes: int = MAX_BYTES) -> None:
        self._sandbox = Sandbox(limits, workers)
        self._max_bytes = max_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the reader processes."""
        self._sandbox.close()

    def load(self, data: bytes, name: str) -> Loaded:
        """Read `data`, a file called `name`, and the files inside it.

        Raises:
            UnsupportedFile: no reader takes it, or it is empty: skip it, the message is the reason.
            UnreadableFile: it could not be read; the message ends with a remedy.
        """
        extract = self._read(data, name)
        parts = [Part("", replace(extract, members=()))]
        rejected: list[Rejected] = []
        self._load_members(extract.members, "", (parts, rejected))
        return Loaded(tuple(parts), tuple(rejected))

    def _load_members(
        self, members: tuple[Member, ...], path: str, found: tuple[list[Part], list[Rejected]]
    ) -> None:
        parts, rejected = found
        for member in members:
            place = f"{path}!/{member.name}" if path else member.name
            try:
                if place.count("!/") >= DEEPEST:
                    raise FileTooLarge(f"files in files more than {DEEPEST} deep", "unpack it first")
                extract = self._read(member.data, member.name)
            except IngestError as error:
                rejected.append(Rejected(place, error))
                continue
            parts.append(Part(place, replace(extract, members=())))
            self._load_members(extract.members, place, found)

    def _read(self, data: bytes, name: str) -> Extract:
        if len(data) > self._max_bytes:
            limit = f"{self._max_bytes / 1024**2:g} MiB"
            raise FileTooLarge(
                f"{len(data) / 1024**2:.1f} MiB, more than {limit}", "split it or raise the limit"
            )
        kind = detect(data, name)
        extract = self._sandbox.read(kind.reader, data, name)
        if not extract.text.strip():
            raise EmptyFile("empty: no text in it")
        return extract


def detect(data: bytes, name: str) -> Format:
    """The format of a file. Content that names itself (PDF, Word, HTML) wins over the name.

    Raises:
        EmptyFile: there is nothing in it.
        UnsupportedFile: no reader takes such files.
        CorruptFile: the name promises a format that the content is not.
        EncryptedFile: an Office file under a password.
    """
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise EmptyFile("empty")
    suffix = PurePath(name).suffix.lower()
    named = BY_SUFFIX.get(suffix)
    if PDF.signature in data[:PDF_WITHIN] and (named in {None, PDF, WORD} or data.startswith(PDF.signature)):
        return PDF
    word = data.startswith(WORD.signature) and WORD_PART in data
    if word and (named or suffix == ""):
        return WORD
    if named is None:
        raise UnsupportedFile(
            f"no reader for {suffix} files" if suffix else "no reader for files without a suffix"
        )
    _check_promise(data, named)
    if named in {TEXT, MARKDOWN} and data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return HTML
    return named


def _check_promise(data: bytes, named: Format) -> None:
    """Compare what a known name promises with how the content begins."""
    if named is WORD and ENCRYPTED_OFFICE in data:
        raise EncryptedFile("the document needs a password", "save a copy without one")
    content = next((what for begin, what in BINARIES if data.startswith(begin)), None)
    if content or named.signature:
        found = content or f"not {named.name}"
        raise CorruptFile(f"named as {named.name}, but the content is {found}", "give it its right name")
