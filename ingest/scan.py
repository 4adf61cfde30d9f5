"""What lies below the paths to sync: every regular file that is not hidden, in a fixed order."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import NoSuchPath
from ingest.globs import EVERYTHING, Globs


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
        return self.uri if path == self.path else self.prefix + self.below(path)

    def below(self, path: Path) -> str:
        """The path of a file as seen from here; of the root itself its name."""
        return path.name if path == self.path else path.relative_to(self.path).as_posix()


def uri_of(given: str) -> str:
    """The uri of a file or folder that is named by its path on this machine; a uri is its own."""
    return given if "://" in given else f"file://{Path(given).expanduser().absolute()}"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to sync. `stamp` changes when the file does: size, times and inode."""

    path: Path
    uri: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Passed:
    """What was met and cannot be a document, or, if it is `unseen`, could not be looked at.

    Nothing is known of what lies below an unseen uri: it must not count as vanished.
    """

    uri: str
    reason: str
    unseen: bool


def scan(root: Root, only: Globs = EVERYTHING) -> Iterator[Found | Passed]:
    """Look at everything at and below `root` that is meant, one after the other."""
    for met in _walk(root, only):
        if isinstance(met, Passed):
            yield met
        elif not only.takes(root.below(met)):
            continue
        elif (odd := _unsayable(root.name(met))) is not None:
            yield odd
        else:
            yield _look(met, root.name(met))


def _look(path: Path, uri: str) -> Found | Passed:
    try:
        status = path.stat()
    except OSError as error:
        return Passed(uri, f"cannot be read ({error.strerror})", unseen=True)
    if not stat.S_ISREG(status.st_mode):
        return Passed(uri, "not a regular file", unseen=False)
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return Found(path, uri, status.st_size, f"{status.st_size} {times} {status.st_ino}")


def _walk(root: Root, only: Globs) -> Iterator[Path | Passed]:
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
            yield Passed(root.name(folder), f"the folder cannot be read ({error.strerror})", unseen=True)
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or (entry.is_symlink() and not _leads_out(entry, walked)):
                continue
            path = Path(entry.path)
            if not entry.is_dir():
                yield path
            elif (odd := _unsayable(root.name(path))) is not None:
                yield odd
            elif only.enters(root.below(path)):
                folders.append(path)
        pending += reversed(folders)


def _unsayable(uri: str) -> Passed | None:
    """What is said of a uri that cannot be stored: names that are not UTF-8 come with surrogates."""
    try:
        uri.encode()
    except UnicodeEncodeError:
        printable = uri.encode("utf-8", "backslashreplace").decode()
        return Passed(printable, "the name is not valid UTF-8: rename it", unseen=True)
    return None


def _leads_out(entry: os.DirEntry[str], walked: list[Path]) -> bool:
    """Whether a link leads to something that no walked folder holds; a folder it leads to becomes walked."""
    target = Path(os.path.realpath(entry.path))
    if any(target.is_relative_to(folder) or folder.is_relative_to(target) for folder in walked):
        return False
    if target.is_dir():
        walked.append(target)
    return True
