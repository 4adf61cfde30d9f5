"""The end of a server, in peace: nothing new is taken in, and what is under way may end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from service.startup import Dependency
from service.telemetry import log


class Drain:
    """Whether requests are still taken in, and which are under way. For one event loop."""

    def __init__(self, grace: float) -> None:
        """`grace`: seconds that requests under way have, once it has begun."""
        self._grace = grace
        self._under_way: set[asyncio.Timeout] = set()
        self._empty = asyncio.Event()
        self.begun = False

    def begin(self) -> None:
        """Take nothing new in from now on. Signal handlers may call this."""
        self.begun = True

    @contextmanager
    def request(self) -> Iterator[asyncio.Timeout]:
        """A request that was taken in, for as long as the block lasts; gives the limit of its time.

        There is none before the end begins. Whoever works on the request enters the limit.
        """
        limit = asyncio.timeout(None)
        self._under_way.add(limit)
        try:
            yield limit
        finally:
            self._under_way.discard(limit)
            if self.begun and not self._under_way:
                self._empty.set()

    async def over(self) -> None:
        """Return when nothing is under way any more; what is left after the grace is cut short."""
        self.begin()
        log("draining", requests=len(self._under_way), grace_s=self._grace)
        end = asyncio.get_running_loop().time() + self._grace
        for limit in self._under_way:
            limit.reschedule(end)
        if self._under_way:
            await self._empty.wait()

    @property
    def state(self) -> Dependency:
        """How the server itself is, for those who ask whether it is ready."""
        if self.begun:
            return Dependency(False, "stopping: answers under way are finished, and nothing new is taken in")
        return Dependency(True, "serving")
