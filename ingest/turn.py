"""Whose turn it is to write: one thread's, and one process's where several share a catalog."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType


class Turn:
    """A lock that a thread may take again while it has it."""

    def __init__(self, alone: Callable[[], AbstractContextManager[None]]) -> None:
        """`alone()` keeps other processes out until it is left."""
        self._alone = alone
        self._threads = threading.RLock()
        self._depth = 0
        self._held: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._depth == 0:
                self._held = self._alone()
                self._held.__enter__()
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._depth -= 1
            if self._depth == 0 and self._held is not None:
                self._held.__exit__(None, None, None)
        finally:
            self._threads.release()
