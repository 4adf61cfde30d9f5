"""What lies below the paths to sync: every regular file that is not hidden, in a fixed order."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import NoSuchPath


@dataclass(frozen=True, slots=True)
class Root:
    """A path to sync, absolute, and the uri that its files' uris begin with."""

    path: Path
    uri: str

    @classmethod
    def of(cls, path: str, base: str | None = None) -> "Root":
        """The root at `path`; with `base`, its files are named by `base` + their path below it.

        Raises:
            NoSuchPath: there is nothing at `path`.
        """
        absolute = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100  # links stay as named
        if not absolute.exists():
            raise NoSuchPath(f"{path} is not there", "check the path, or whether its disk is mounted")
        if base is None:
            return cls(absolute, f"file://{absolute}")
        return cls(
            absolute, f"{base.rstrip('/')}/{absolute.name}" if absolute.is_file() else base.rstrip("/")
        )

    def holds(self, uri: str) -> bool:
        """Whether a file of this uri belongs to this root."""
        return uri == self.uri or uri.startswith(self.prefix)

    @property
    def prefix(self) -> str:
        """What the uris of the files below begin with."""
        return f"{self.uri.rstrip('/')}/"

    def name(self, path: Path) -> str:
        """The uri of a file at or below `path`."""
        below = path.relative_to(self.path).as_posix()
        return self.uri if below == "." else self.prefix + below


@dataclass(frozen=True, slots=True)
class Found:
    """A file to sync. `stamp` changes when the file does: size, times and inode."""

    path: Path
    uri: str
    size: int
    stamp: str


@dataclass(slots=True)
class Survey:
    """What the scan met: files, what cannot be a document, and what could not be looked at.

    Nothing is known of what lies below the uris in `unseen`: it must not count as vanished.
    """

    found: list[Found] = field(default_factory=list)
    odd: list[tuple[str, str]] = field(default_factory=list)
    unseen: list[tuple[str, str]] = field(default_factory=list)


def survey(roots: Sequence[Root]) -> Survey:
    """Look at everything at and below `roots`; what is met twice counts once."""
    result = Survey()
    seen: dict[str, Path] = {}
    for root in roots:
        for path in _walk(root, result):
            uri = root.name(path)
            if not _sayable(uri, result):
                continue
            if uri not in seen:
                seen[uri] = path
                _look(path, uri, result)
            elif seen[uri] != path:
                result.odd.append((uri, f"{seen[uri]} has this uri already; give each path its own --base"))
    return result


def _look(path: Path, uri: str, result: Survey) -> None:
    try:
        status = path.stat()
    except OSError as error:
        result.unseen.append((uri, f"cannot be read ({error.strerror})"))
        return
    if stat.S_ISREG(status.st_mode):
        times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
        result.found.append(Found(path, uri, status.st_size, f"{status.st_size} {times} {status.st_ino}"))
    else:
        result.odd.append((uri, "not a regular file"))


def _walk(root: Root, result: Survey) -> Iterator[Path]:
    if not root.path.is_dir():
        yield root.path
        return
    home = root.path.resolve()
    # Real folders that are walked: a link into one of them leads to what is met on its own path anyway,
    # or around in a circle.
    walked = [home]
    pending = [root.path]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            result.unseen.append((root.name(folder), f"the folder cannot be read ({error.strerror})"))
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or (entry.is_symlink() and not _leads_out(entry, walked)):
                continue
            if entry.is_dir():
                folders.append(Path(entry.path))
            else:
                yield Path(entry.path)
        pending += reversed([one for one in folders if _sayable(root.name(one), result)])


def _sayable(uri: str, result: Survey) -> bool:
    """Whether a uri can be stored: a name that is not UTF-8 comes from the system with surrogates."""
    try:
        uri.encode()
    except UnicodeEncodeError:
        printable = uri.encode("utf-8", "backslashreplace").decode()
        result.unseen.append((printable, "the name is not valid UTF-8: rename it"))
        return False
    return True


def _leads_out(entry: os.DirEntry[str], walked: list[Path]) -> bool:
    """Whether a link leads to something that no walked folder holds; a folder it leads to becomes walked."""
    target = Path(os.path.realpath(entry.path))
    if any(target.is_relative_to(folder) or folder.is_relative_to(target) for folder in walked):
        return False
    if target.is_dir():
        walked.append(target)
    return True
