"""Things that take long to make, by name: each is made once, in a thread of its own, however many ask."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from service.problems import Caught

T = TypeVar("T")
PAUSE = 30.0  # seconds for which a failure stands before the next attempt


class Makings(Generic[T]):
    """What was made and what is being made, the last asked for at the end. Threads may share it."""

    def __init__(self, make: Callable[[str], T], clock: Callable[[], float] = time.monotonic) -> None:
        """`make` may take minutes, and may raise."""
        self._make, self._clock = make, clock
        self._futures: dict[str, Future[T]] = {}
        self._failed: dict[str, float] = {}
        self._lock = threading.Lock()

    def want(self, name: str) -> Future[T]:
        """The thing, begun if it is not there: done when it is made, or with what went wrong.

        A failure comes back for `PAUSE` seconds, and then it is tried again.
        """
        with self._lock:
            future = self._futures.pop(name, None)
            if future is not None and self._clock() >= self._failed.get(name, float("inf")):
                del self._failed[name]
                future = None
            if future is None:
                future = Future()
                future.set_running_or_notify_cancel()
                work = threading.Thread(target=self._work, args=(name, future), name=f"make {name}")
                work.daemon = True
                work.start()
            self._futures[name] = future
            return future

    async def get(self, name: str) -> T:
        """The thing, as soon as it is there. Who leaves before stops nothing. Raises what `make` raised."""
        future = self.want(name)
        if not future.done():
            await asyncio.shield(asyncio.wrap_future(future))
        return future.result()

    def made(self) -> dict[str, T]:
        """What is there, the last asked for at the end."""
        with self._lock:
            done = {name: future for name, future in self._futures.items() if future.done()}
        return {name: future.result() for name, future in done.items() if future.exception() is None}

    def pending(self) -> list[str]:
        """What is being made."""
        with self._lock:
            return [name for name, future in self._futures.items() if not future.done()]

    def drop(self, name: str, thing: T | None = None) -> None:
        """Forget what is called `name`; given `thing`, only if it is that one still."""
        with self._lock:
            future = self._futures.get(name)
            if future is None or not future.done():
                return
            if thing is None or (future.exception() is None and future.result() is thing):
                del self._futures[name]
                self._failed.pop(name, None)

    def _work(self, name: str, future: Future[T]) -> None:
        with Caught() as caught:
            made = self._make(name)
        if caught.error is None:
            future.set_result(made)
            return
        with self._lock:
            self._failed[name] = self._clock() + PAUSE
        future.set_exception(caught.error)
