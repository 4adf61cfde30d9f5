"""When an endpoint is left alone: after failures in a row, for a pause that grows until it answers again."""

import threading
from collections.abc import Callable

LONGEST = 15.0  # seconds; an engine that starts takes minutes, and is wanted soon after


class Breaker:
    """Closed, open for a pause, then due: a probe decides.

    A probe that succeeds closes it on trial: one failure more opens it again, for twice as long. Of
    requests only those count that began since it last opened. Threads may share it; it does no work.
    """

    def __init__(self, clock: Callable[[], float], limit: int, pause: float) -> None:
        """`limit` failures in a row open it, first for `pause` seconds of `clock`."""
        self._clock, self._limit, self._first = clock, limit, pause
        self._longest = max(pause, LONGEST)
        self._next = pause
        self._row = 0  # failures since the last success
        self._openings = 0  # ever
        self._until: float | None = None  # open until then; None: closed
        self._lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether requests may pass."""
        return self._until is None

    @property
    def wait(self) -> float:
        """Seconds until a probe is due; 0 when one is, or none is needed."""
        until = self._until
        return 0.0 if until is None else max(0.0, until - self._clock())

    @property
    def due(self) -> bool:
        """Whether it is open and a probe may pass."""
        return not self.closed and self.wait == 0.0

    def enter(self) -> int:
        """A request begins: the ticket under which its outcome is told, if it is."""
        return self._openings

    def succeeded(self, ticket: int) -> None:
        """The request of `ticket` was answered."""
        with self._lock:
            if self._counts(ticket):
                self._row, self._next = 0, self._first

    def failed(self, ticket: int) -> bool:
        """The request of `ticket` was not answered, or not to the end. Returns whether that opened it."""
        with self._lock:
            return self._counts(ticket) and self._fail()

    def probed(self, *, alive: bool) -> bool:
        """A probe has come back. Returns whether that opened or closed it.

        While it is closed, only a probe that fails counts: that an endpoint lists its models is no sign
        that it answers questions.
        """
        with self._lock:
            if self.closed:
                return not alive and self._fail()
            if not self.due:
                return False
            if not alive:
                self._open()
                return False
            self._until, self._row = None, self._limit - 1
            return True

    def _counts(self, ticket: int) -> bool:
        return self.closed and ticket == self._openings

    def _fail(self) -> bool:
        self._row += 1
        if self._row >= self._limit:
            self._open()
        return not self.closed

    def _open(self) -> None:
        self._until = self._clock() + self._next
        self._openings += 1
        self._next = min(2 * self._next, self._longest)
