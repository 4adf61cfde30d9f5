"""Stages that work at the same time: each in its own threads, a bounded number of values ahead of the next.

Knows nothing of documents. What a stage does is a plain function from value to value, so that another engine
can run the same ones. Values come out in the order in which they went in, whatever the threads do.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, Self, TypeVar

A = TypeVar("A")
B = TypeVar("B")

PAUSE = 0.5  # seconds between two looks of whoever watches


class Closed(Exception):
    """A channel was closed: nobody wants the value any more."""


class Channel(Generic[A]):
    """Values on their way from one thread to another; whoever is too fast waits."""

    def __init__(self, room: int) -> None:
        """`room`: how many values may wait."""
        self._room = room
        self._values: deque[A] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False

    def put(self, value: A) -> None:
        """Add a value, once there is room.

        Raises:
            Closed: nobody will take it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._values) < self._room)
            if self._closed:
                raise Closed
            self._values.append(value)
            self._changed.notify_all()

    def end(self) -> None:
        """There will be no more values."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody takes values any more; those that wait are dropped."""
        with self._changed:
            self._closed = self._ended = True
            self._values.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[A]:
        """The values, until the end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or bool(self._values))
                if not self._values:
                    return
                value = self._values.popleft()
                self._changed.notify_all()
            yield value


class Line:
    """A line of stages. When it is left, however that comes, its threads have ended.

    A stage that is amid a value finishes it first; values that wait are dropped.
    """

    def __init__(self) -> None:
        self._channels: list[Channel[Future[object]]] = []
        self._pools: list[ThreadPoolExecutor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            channel.close()
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)

    def stage(
        self, work: Callable[[A], B], values: Iterable[A], *, threads: int = 1, ahead: int = 1
    ) -> Iterator[B]:
        """What `work` makes of each value, in their order; up to `ahead` of them are begun or wait.

        Whatever `work` or `values` raise is raised here, after what came before it.
        """
        channel: Channel[Future[B]] = Channel(ahead)
        pool = self._pool(threads)
        self._channels.append(channel)  # type: ignore[arg-type]  # it is only closed there

        def feed() -> None:
            for value in values:
                channel.put(pool.submit(work, value))

        feeder = self._pool(1).submit(feed)
        feeder.add_done_callback(lambda _: channel.end())
        return _results(channel, feeder)

    def finish(self, values: Iterable[object], watch: Callable[[], None]) -> None:
        """Wait for the last of `values`; call `watch` before, twice a second meanwhile, and after.

        What `watch` raises ends the wait; then it is for `__exit__` to end the line.
        """
        last = self._pool(1).submit(deque[object], values, 0)
        watch()
        while not wait([last], PAUSE).done:
            watch()
        last.result()
        watch()

    def _pool(self, threads: int) -> ThreadPoolExecutor:
        self._pools.append(ThreadPoolExecutor(threads))
        return self._pools[-1]


def _results(channel: Channel[Future[B]], feeder: Future[None]) -> Iterator[B]:
    for future in channel:
        yield future.result()
    feeder.result()
