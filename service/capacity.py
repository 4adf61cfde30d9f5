"""What a house holds: so many inside at once, so many waiting, in the order of their coming."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import Overloaded
from service.spans import step
from service.telemetry import QueueState


class Capacity:
    """At most `running` callers inside and `waiting` callers before the door. For one event loop."""

    def __init__(self, running: int, waiting: int) -> None:
        self._places = asyncio.Semaphore(running)
        self._most, self.waiting = waiting, 0
        self._inside = self._refused = 0

    def state(self) -> QueueState:
        """How many are inside and waiting, and how many were turned away, ever."""
        return QueueState(self._inside, self.waiting, self._refused)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[bool]:
        """A place for as long as the block lasts; tells whether it had to be waited for.

        Raises:
            Overloaded: as many are waiting as may.
        """
        waits = self._places.locked()
        if waits and self.waiting >= self._most:
            self._refused += 1
            raise Overloaded
        self.waiting += 1
        try:
            with step("queue"):
                await self._places.acquire()
        finally:
            self.waiting -= 1
        self._inside += 1
        try:
            yield waits
        finally:
            self._inside -= 1
            self._places.release()
