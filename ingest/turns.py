"""Who may use the model next: one thread at a time, in the order in which they came.

Whoever embeds documents comes back for one batch after the other, and several may: they line up among
themselves first, so that a question waits for the batch under way and for no other.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that is passed on in order. A plain one goes to whoever is quickest: the last holder."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: deque[threading.Lock] = deque()
        self._taken = False
        self._documents = threading.Lock()

    @contextmanager
    def question(self) -> Iterator[None]:
        """The next turn."""
        self._take()
        try:
            yield
        finally:
            self._pass()

    @contextmanager
    def documents(self) -> Iterator[None]:
        """A turn for one batch of documents: after all questions that wait by now."""
        with self._documents, self.question():
            yield

    def _take(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._line.append(mine)
        mine.acquire()  # until the one before passes the turn on

    def _pass(self) -> None:
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._taken = False
