"""Where something is made: a place that can be written, and is this process's alone meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from finetune.errors import BadPlace


@contextmanager
def fresh(out: Path) -> Iterator[None]:
    """As `claimed`, where nothing is yet.

    Raises:
        BadPlace: as `claimed`, or something is there.
    """
    with claimed(out):
        free(out)
        yield


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Hold the file or folder `out` until the block ends. The system takes a killed process's lock away.

    Raises:
        BadPlace: it cannot be written, or another process holds it.
    """
    place = out.absolute()
    lock = FileLock(place.parent / f".{place.name}.lock")
    with told(out):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BadPlace(f"{out} is being made by another process: wait for it") from error
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def free(out: Path) -> None:
    """Raise `BadPlace` if something is there."""
    if out.exists():
        raise BadPlace(f"{out} exists: what was made is never changed; choose another --out")


@contextmanager
def told(out: Path) -> Iterator[None]:
    """What goes wrong with `out` itself, as a `BadPlace`."""
    try:
        yield
    except OSError as error:
        raise BadPlace(
            f"{out} cannot be written ({error.strerror or error}): choose another --out"
        ) from error
