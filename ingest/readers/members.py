"""Members: the files inside a file, with harmless names, bounded in number and in size."""

import re
from pathlib import PurePosixPath

from ingest.documents import Member
from ingest.errors import FileTooLarge, IngestError

MAX_MEMBERS = 10_000
MAX_UNPACKED = 256 * 1024**2
MAX_RATIO = 150  # real files pack 5 to 30 to 1; a bomb packs 1000 to 1
SMALL = 16 * 1024**2  # below this no ratio does harm
LONGEST_NAME = 200
DRIVE = re.compile(r"[A-Za-z]:")


class Members:
    """What is taken out of a file of `packed` bytes, in order."""

    def __init__(self, packed: int, most: int = MAX_MEMBERS) -> None:
        self._members: dict[str, Member] = {}
        self._most = most
        self._room = max(SMALL, min(MAX_UNPACKED, packed * MAX_RATIO))

    @property
    def room(self) -> int:
        """Bytes that may still come: to read one more than that is to know that there are too many."""
        return self._room

    def add(self, name: str, data: bytes) -> None:
        """Take a member in.

        Raises:
            FileTooLarge: there are too many of them, or they unpack to too much.
        """
        self._room -= len(data)
        if self._room < 0:
            raise FileTooLarge("unpacks to far more than its size", "unpack it and leave out what is large")
        self._keep(Member(self._unique(name), data))

    def refuse(self, name: str, error: IngestError) -> None:
        """Note a member that could not be taken out, and why."""
        self._keep(Member(self._unique(name), b"", error))

    def all(self) -> tuple[Member, ...]:
        """Return them."""
        return tuple(self._members.values())

    def _keep(self, member: Member) -> None:
        if len(self._members) >= self._most:
            raise FileTooLarge(f"more than {self._most} files in it", "unpack it first")
        self._members[member.name] = member

    def _unique(self, given: str) -> str:
        name = safe_name(given)
        path = PurePosixPath(name)
        number = 1
        while name in self._members:
            number += 1
            name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        return name


def safe_name(given: str) -> str:
    """A relative path that stays below its container and is never empty, whatever was given.

    No control characters, no "..", no drive, and no part that ends in "!", which parts members' names.
    """
    parts = [_safe_part(part) for part in given.replace("\\", "/").split("/")]
    return "/".join([part for part in parts if part])[-LONGEST_NAME:].lstrip("/") or "unnamed"


def _safe_part(part: str) -> str:
    shown = "".join(character for character in part if character.isprintable()).strip()
    return "" if DRIVE.fullmatch(shown) else shown.rstrip(". !")


def is_hidden(name: str) -> bool:
    """Whether a name is one that a folder would not show, or macOS's shadow of another file."""
    return any(part.startswith(".") or part == "__MACOSX" for part in safe_name(name).split("/"))
