"""A lock that is a file: one process at a time, and a kill releases it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from finetune.errors import BadRegistry, Busy

PATIENCE = 10.0  # seconds for another's move of a pointer, which takes milliseconds


@contextmanager
def locked(file: Path, patience: float) -> Iterator[None]:
    """Hold the lock `file`, waiting `patience` seconds for it.

    Raises:
        Busy: somebody else holds it. BadRegistry: its folder cannot be written.
    """
    lock = FileLock(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
    except Timeout as error:
        told = f"{file.parent}: another promotion is under way; wait until it has ended"
        raise Busy(told) from error
    except OSError as error:
        raise BadRegistry(f"{file.parent}: cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
