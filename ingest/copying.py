"""Copies of folders whose files are mostly holes, as an embedded engine's are: the holes stay holes."""

import os
from pathlib import Path

STEP = 64 * 2**20


def copy_folder(source: Path, target: Path) -> None:
    """Make `target` an equal of `source`. Nothing may be written there meanwhile."""
    target.mkdir(parents=True)
    for entry in sorted(source.iterdir()):
        if entry.is_dir():
            copy_folder(entry, target / entry.name)
        else:
            _copy_file(entry, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        size = os.fstat(read.fileno()).st_size
        os.truncate(written.fileno(), size)
        end = 0
        while (start := _next_data(read.fileno(), end)) is not None:
            end = os.lseek(read.fileno(), start, os.SEEK_HOLE)
            while start < end:
                step = min(STEP, end - start)
                start += os.copy_file_range(read.fileno(), written.fileno(), step, start, start)


def _next_data(file: int, start: int) -> int | None:
    """Where the next bytes that are no hole begin; None after the last."""
    try:
        return os.lseek(file, start, os.SEEK_DATA)
    except OSError:  # how the system says that there are none
        return None
