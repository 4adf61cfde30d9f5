"""A folder that is there whole or not at all, whatever kills the process that writes it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finetune.place import free, fresh, told

PRIVATE, COMMON = 0o700, 0o777  # who may read it: its owner; whom the umask lets


@contextmanager
def written_whole(out: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """A scratch folder beside `out`, which becomes `out` when the block ends well.

    What a killed process has left of it is removed by the next.

    Raises:
        BadPlace: `out` exists, cannot be written, or is being written by another process.
    """
    with fresh(out):
        scratch = out.with_name(f".{out.name}.building")
        try:
            with told(out):
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.mkdir(mode)
            yield scratch
            with told(out):
                _publish(scratch, out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _publish(scratch: Path, out: Path) -> None:
    """Rename, once everything is on the disk."""
    for path in (*scratch.iterdir(), scratch):
        _sync(path)
    free(out)
    scratch.replace(out)
    _sync(out.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
