"""Bytes to Extracts: a file and what is inside it, each read in a reader process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from ingest.documents import Extract, Member
from ingest.errors import EmptyFile, FileTooLarge, IngestError, ReaderTimeout
from ingest.formats import detect
from ingest.sandbox import Limits, Sandbox

MAX_BYTES = 64 * 1024**2
DEEPEST = 5  # files in files
# What one file may hold, all files in files together: an archive of archives of archives adds up.
MAX_MEMBERS = 20_000
MAX_UNPACKED = 512 * 1024**2
LONGEST = 10  # times what one file may take


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
    """What a file gave: itself first, then its members; and the members that gave nothing.

    An archive has no part of its own.
    """

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
        self._limits = limits or Limits()
        self._sandbox = Sandbox(self._limits, workers)
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
        unpacking = _Unpacking(self._read, time.monotonic() + LONGEST * self._limits.seconds)
        unpacking.take("", self._read(data, name))
        return Loaded(tuple(unpacking.parts), tuple(unpacking.rejected))

    def _read(self, data: bytes, name: str) -> Extract:
        if len(data) > self._max_bytes:
            limit = f"{self._max_bytes / 1024**2:g} MiB"
            raise FileTooLarge(
                f"{len(data) / 1024**2:.1f} MiB, more than {limit}", "split it or raise the limit"
            )
        kind = detect(data, name)
        extract = self._sandbox.read(kind.reader, data, name)
        if not extract.text.strip() and not extract.members:
            raise EmptyFile("empty: no text in it")
        return extract


class _Unpacking:
    """One file and all that is inside it, to any depth: within one allowance."""

    def __init__(self, read: Callable[[bytes, str], Extract], deadline: float) -> None:
        self._read = read
        self._deadline = deadline
        self._bytes = 0
        self._members = 0
        self.parts: list[Part] = []
        self.rejected: list[Rejected] = []

    def take(self, place: str, extract: Extract) -> None:
        """Take what a reader made of the file at `place`, and read its members."""
        if extract.text.strip():
            self.parts.append(Part(place, replace(extract, members=())))
        for member in extract.members:
            below = f"{place}!/{member.name}" if place else member.name
            try:
                self._allow(below, member)
                inner = self._read(member.data, member.name)
            except IngestError as error:
                self.rejected.append(Rejected(below, error))
            else:
                self.take(below, inner)

    def _allow(self, place: str, member: Member) -> None:
        self._members += 1
        self._bytes += len(member.data)
        if member.refusal:
            raise member.refusal
        if place.count("!/") >= DEEPEST:
            raise FileTooLarge(f"files in files more than {DEEPEST} deep", "unpack it first")
        if self._members > MAX_MEMBERS or self._bytes > MAX_UNPACKED:
            raise FileTooLarge("too much in one file, all its files in files together", "unpack it first")
        if time.monotonic() > self._deadline:
            raise ReaderTimeout("the files before it in the same file took too long", "unpack it first")
