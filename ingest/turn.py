"""Whose turn it is to write: one thread's, and one process's where several share a catalog."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType


class Turn:
    """A lock that a thread may take again while it has it."""

    def __init__(self, alone: Callable[[], AbstractContextManager[None]]) -> None:
        """`alone()` keeps other processes out until it is left."""
        self._alone = alone
        self._threads = threading.RLock()
        self._held: list[ExitStack] = []

    def __enter__(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._threads)
            if not self._held:
                stack.enter_context(self._alone())
            self._held.append(stack.pop_all())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.pop().close()
