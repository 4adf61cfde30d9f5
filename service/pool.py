"""The endpoints that serve one model: which of them takes a request, and how each is doing."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from service.answer import Sampling
from service.breaker import Breaker
from service.errors import EngineDown, EngineFailed, EngineRefused
from service.generate import Piece
from service.telemetry import EndpointState, log


class Engine(Protocol):
    """One endpoint. `service.endpoint.Endpoint` is one over HTTP."""

    @property
    def name(self) -> str:
        """Its address as people may see it."""
        ...

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`, without limits of time; the first piece is the first token."""
        ...

    def check(self) -> None:
        """Ask whether it is there; blocking, a few seconds at most.

        Raises:
            EngineFailed: it does not answer as it should.
            EngineRefused: it answers, though not this.
        """
        ...


@dataclass(eq=False)
class Member:
    """An endpoint and what is known of it. `failures` counts those of requests, ever."""

    engine: Engine
    breaker: Breaker
    in_flight: int = 0
    failures: int = 0

    def probe(self) -> None:
        """Ask whether it is there, unless it is to be left alone.

        One that is answering shows by its answers how it is, and may be too busy for probes.
        """
        unwanted = self.in_flight > 0 if self.breaker.closed else not self.breaker.due
        if unwanted:
            return
        try:
            self.engine.check()
        except EngineRefused:
            alive = True
        except EngineFailed:
            alive = False
        else:
            alive = True
        if self.breaker.probed(alive=alive):
            self.tell()

    def tell(self) -> None:
        """Log that it is taken in again, or left alone."""
        happened = "engine endpoint up" if self.breaker.closed else "engine endpoint down"
        log(happened, endpoint=self.engine.name, wait_s=round(self.breaker.wait, 1))


class Turn:
    """One request at an endpoint: counted while it lasts, and its end is told to the breaker.

    A caller who leaves before the first token says nothing about the endpoint; one who leaves later has
    been answered.
    """

    def __init__(self, member: Member) -> None:
        self._member = member
        self._ticket = member.breaker.enter()
        self.answering = False

    def __enter__(self) -> Self:
        self._member.in_flight += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._member.in_flight -= 1
        if isinstance(error, EngineFailed):
            self._member.failures += 1
            if self._member.breaker.failed(self._ticket):
                self._member.tell()
        elif self.answering:
            self._member.breaker.succeeded(self._ticket)


class Pool:
    """Endpoints of one model. Requests come from one event loop; probes may come from a thread."""

    def __init__(self, engines: Sequence[Engine], breaker: Callable[[], Breaker]) -> None:
        """`breaker` makes one for each endpoint."""
        self.members = [Member(engine, breaker()) for engine in engines]
        self._next = 0

    def choose(self, tried: Sequence[Member] = (), *, again: bool = True) -> Member | None:
        """The endpoint with the least requests in flight; where some have as few, each in turn.

        One in `tried` is chosen only `again` if there is no other and it was tried once; None: nobody is
        left.
        """
        closed = [number for number, member in enumerate(self.members) if member.breaker.closed]
        fresh = [number for number in closed if self.members[number] not in tried]
        left = fresh or (closed if again and len(tried) == 1 else [])
        if not left:
            return None
        count = len(self.members)
        chosen = min(left, key=lambda n: (self.members[n].in_flight, (n - self._next) % count))
        self._next = (chosen + 1) % count
        return self.members[chosen]

    def ready(self) -> bool:
        """Whether any endpoint takes requests."""
        return any(member.breaker.closed for member in self.members)

    def down(self) -> EngineDown:
        """What to tell a caller when no endpoint takes requests."""
        wait = min(member.breaker.wait for member in self.members)
        return EngineDown(max(1, math.ceil(wait)))

    def states(self) -> list[EndpointState]:
        """How each endpoint is doing."""
        return [
            EndpointState(member.engine.name, member.breaker.closed, member.in_flight, member.failures)
            for member in self.members
        ]
