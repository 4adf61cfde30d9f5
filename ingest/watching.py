"""Folders that are watched for changes. The only module that imports `watchfiles`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from watchfiles import Change, watch

from ingest.folder import MANIFEST

# Milliseconds: changes within these count as one, a copy of many files does not start many syncs.
CALM, LONGEST = 500, 5_000
LOOK = 1_000


def stirs(paths: Sequence[Path], ours: Path, stop: Event | None = None) -> Iterator[None]:
    """Once at the start, then whenever something changes at or below `paths`, until `stop` is set.

    Nothing is missed between two of them: what changes meanwhile is told next. Hidden files do not count,
    since they are not synced, nor does what lies in `ours`, the data folder.
    """

    def counts(_change: Change, path: str) -> bool:
        return _counts(Path(path), paths, ours)

    begun = False
    for changes in watch(
        *paths,
        watch_filter=counts,
        debounce=LONGEST,
        step=CALM,
        rust_timeout=LOOK,
        yield_on_timeout=True,
        stop_event=stop,
    ):
        if changes or not begun:
            begun = True
            yield


def _counts(path: Path, roots: Sequence[Path], ours: Path) -> bool:
    if path == ours or path.is_relative_to(ours):
        return False
    root = next((root for root in roots if path.is_relative_to(root)), path)
    below = path.relative_to(root).parts
    return not any(name.startswith(".") and name != MANIFEST for name in below)
