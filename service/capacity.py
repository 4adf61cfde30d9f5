"""What a house holds: so many inside at once, so many waiting, in the order of their coming."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import Overloaded


class Capacity:
    """At most `running` callers inside and `waiting` callers before the door. For one event loop."""

    def __init__(self, running: int, waiting: int) -> None:
        self._places = asyncio.Semaphore(running)
        self._most, self.waiting = waiting, 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[bool]:
        """A place for as long as the block lasts; tells whether it had to be waited for.

        Raises:
            Overloaded: as many are waiting as may.
        """
        waits = self._places.locked()
        if waits and self.waiting >= self._most:
            raise Overloaded
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1
        try:
            yield waits
        finally:
            self._places.release()
