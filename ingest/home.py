"""The data folder: made when it is first needed, for its user alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import UnusableFolder


def home(folder: Path) -> Path:
    """The data folder `folder`, which is there then.

    Raises:
        UnusableFolder: it cannot be made, or is a file.
    """
    with usable(folder):
        folder.mkdir(0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Around what is first done in the data folder.

    Raises:
        UnusableFolder: instead of the system's error.
    """
    try:
        yield
    except OSError as error:
        raise UnusableFolder(
            f"the data folder {folder} cannot be used ({error.strerror})",
            "set PLUMBLINE_HOME to a folder that you may write in, or to one that can be made",
        ) from error
