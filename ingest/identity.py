"""Which file or folder a path names now: another one may have taken its place since it was opened."""

from pathlib import Path

Identity = tuple[int, int]
"""Device and inode."""


def identity(path: Path) -> Identity | None:
    """That of what lies at `path`; None if there is nothing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
