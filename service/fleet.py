"""Engines of our own, one for each adapter that is served: where adapters are merged, not loaded.

An engine that is newly needed comes up beside those that run. One that nobody needs any more finishes what
it has begun, waits a while, should it be needed again (a rollback, the second reading of an answer), and
stops.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from typing import Protocol

from service.answer import Sampling
from service.errors import EngineBusy, EngineStarting
from service.generate import Generator, Piece
from service.makings import Makings
from service.pool import Pool
from service.telemetry import EndpointState, log

IDLE = 60.0  # seconds
STOPPING = 10.0  # seconds; the leash sees to those that take longer


class Runs(Protocol):
    """A process. `service.process.Process` is one."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        ...

    def release(self) -> None:
        """Ask it to end, and do not wait."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; returns whether it has."""
        ...


class Unit:
    """An engine: its process, the way to it, and who uses it."""

    def __init__(self, process: Runs, pool: Pool, generator: Generator) -> None:
        self.process, self.pool, self.generator = process, pool, generator
        self.used_at = time.monotonic()
        self._users, self._gone = 0, False
        self._lock = threading.Lock()

    def enter(self, now: float) -> bool:
        """A request begins; False if the engine has just been let go."""
        with self._lock:
            self._users += not self._gone
            self.used_at = now
            return not self._gone

    def leave(self, now: float) -> None:
        """A request has ended."""
        with self._lock:
            self._users -= 1
            self.used_at = now

    def let_go(self) -> bool:
        """Stop the engine, unless somebody uses it; returns whether it stops."""
        with self._lock:
            if self._users and self.process.alive:
                return False
            self._gone = True
        self.process.release()
        return True


class Fleet:
    """The engines, as a `Generator` and as a `Servant`."""

    keeps_forms = True

    def __init__(
        self,
        start: Callable[[str], Unit],
        spares: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`start` brings up the engine of an adapter, or raises; it may take minutes.

        `spares` engines may run beside those that are held; a request waits `patience` seconds for one.
        """
        self._units = Makings(start)
        self._spares, self._patience, self._clock = spares, patience, clock
        self._held: frozenset[str] = frozenset()

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`. An engine that is not there is started; the request waits a while for it.

        Raises:
            EngineStarting: it takes longer.
            EngineBusy: as many others as may run have work.
        """
        unit = await self._entered(model)
        try:
            async with aclosing(unit.generator.stream(model, messages, sampling)) as pieces:  # type: ignore[type-var]  # every implementation is a generator
                async for piece in pieces:
                    yield piece
        finally:
            unit.leave(self._clock())

    def ready(self) -> bool:
        """Whether an engine that is held takes requests."""
        units = self._units.made()
        return any(unit.generator.ready() for name, unit in units.items() if name in self._held)

    def states(self) -> list[EndpointState]:
        """How each engine is doing."""
        return [state for unit in self._units.made().values() for state in unit.pool.states()]

    def want(self, name: str) -> Future[Unit]:
        """As `Servant.want`."""
        return self._units.want(name)

    def tend(self, held: Collection[str]) -> None:
        """As `Servant.tend`: engines that have ended are started again, and idle ones stop."""
        self._held = frozenset(held)
        for name, unit in self._units.made().items():
            if not unit.process.alive:
                log("engine ended", adapter=name)
                self._stop(name, unit)
            elif name not in self._held and self._clock() - unit.used_at > IDLE:
                self._stop(name, unit)
            else:
                for member in unit.pool.members:
                    member.probe()
        for name in self._held:
            self._units.want(name)

    def close(self) -> None:
        """Stop all of them."""
        units = list(self._units.made().values())
        for unit in units:
            unit.process.release()
        for unit in units:
            unit.process.wait(STOPPING)

    async def _entered(self, model: str) -> Unit:
        """The engine of `model`, which won't stop until it is left."""
        while True:
            self._make_room(model)
            try:
                async with asyncio.timeout(self._patience):
                    unit = await self._units.get(model)
            except TimeoutError as error:
                raise EngineStarting(model) from error
            if unit.enter(self._clock()):
                return unit
            self._units.drop(model, unit)

    def _make_room(self, model: str) -> None:
        """Let an idle engine give way if one more is to come. Raises `EngineBusy`."""
        made = self._units.made()
        known = {*made, *self._units.pending()}
        if model in known | self._held:
            return
        spare = [name for name in known if name not in self._held]
        idle = [(name, made[name]) for name in made if name in spare]
        stopped = sum(self._stop(*each) for each in idle[: max(0, len(spare) - self._spares + 1)])
        if len(spare) - stopped >= self._spares:
            raise EngineBusy(model)

    def _stop(self, name: str, unit: Unit) -> bool:
        """Stop an engine that nobody uses; returns whether it stops."""
        stops = unit.let_go()
        if stops:
            log("engine stops", adapter=name)
            self._units.drop(name, unit)
        return stops
