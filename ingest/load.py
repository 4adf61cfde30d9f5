"""Bytes to Extracts: a file and what is inside it, each read in a reader process."""

from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from ingest.documents import Extract, Member
from ingest.errors import EmptyFile, FileTooLarge, IngestError
from ingest.formats import detect
from ingest.sandbox import Limits, Sandbox

MAX_BYTES = 64 * 1024**2
DEEPEST = 5  # e-mails in e-mails


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
