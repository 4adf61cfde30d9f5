"""A folder that is there whole or not at all, whatever kills the process that writes it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from finetune.errors import BadDataset

_LOCK = "lock"


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A scratch folder beside `out`, which becomes `out` when the block ends well.

    The system takes the lock of a killed process away: what that has left is removed by the next.

    Raises:
        BadDataset: `out` exists, cannot be written, or is being written by another process.
    """
    if out.exists():
        raise BadDataset(f"{out} exists: a dataset is never changed; choose another --out")
    scratch = out.with_name(f".{out.name}.building")
    lock = out.with_name(f".{out.name}.{_LOCK}")
    with _told(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(lock, timeout=0)
        held.acquire()
    try:
        with _told(out):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(mode=0o700)
        yield scratch
        with _told(out):
            _publish(scratch, out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        lock.unlink(missing_ok=True)
        held.release()


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """What goes wrong with `out` itself: what a source lacks is not its fault."""
    try:
        yield
    except Timeout as error:
        raise BadDataset(f"{out} is being built by another process: wait for it") from error
    except OSError as error:
        raise BadDataset(f"{out} cannot be written ({error.strerror}): choose another --out") from error


def _publish(scratch: Path, out: Path) -> None:
    """Rename, once everything is on the disk."""
    for path in (*scratch.iterdir(), scratch):
        _sync(path)
    if out.exists():
        raise BadDataset(f"{out} exists: a dataset is never changed; choose another --out")
    scratch.replace(out)
    _sync(out.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
