"""Which guard stands between a principal and the documents: their policy's, and what they must not learn."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from guardrails.guard import Guard
from guardrails.rail import NOTHING_WITHHELD, Withheld
from guardrails.shelf import Shelf
from ingest.access import Principal
from ingest.screen import Screening


def nothing(_: Principal) -> Withheld:
    """Nothing is withheld from anybody."""
    return NOTHING_WITHHELD


class Guards(Protocol):
    """Gives each request its guard. One request keeps the guard that it began with."""

    def of(self, principal: Principal) -> Guard:
        """The guard for what the principal asks and is told."""
        ...


@dataclass(frozen=True, slots=True)
class OneGuard:
    """One policy for everybody."""

    guard: Guard
    withheld: Callable[[Principal], Withheld] = nothing

    def of(self, principal: Principal) -> Guard:
        """The guard, facing the principal."""
        return self.guard.facing(self.withheld(principal))


@dataclass(frozen=True, slots=True)
class ShelvedGuards:
    """The policy of the principal's key or tenant, as it is now."""

    shelf: Shelf
    withheld: Callable[[Principal], Withheld] = nothing

    def of(self, principal: Principal) -> Guard:
        """The policy's guard, facing the principal."""
        return self.shelf.guard(principal.tenant, principal.subject).facing(self.withheld(principal))


class LateShelf:
    """The shelf, made by whoever asks first: its rails take seconds, and not all commands need them."""

    def __init__(self, make: Callable[[], Shelf]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Shelf | None = None

    def __call__(self) -> Shelf:
        """The one shelf. Raises what making it raises."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


@dataclass(frozen=True, slots=True)
class ShelvedScreens:
    """The document rails of a tenant's policy, as it is now: the same rails that look at its questions."""

    shelf: Callable[[], Shelf]

    def of(self, tenant: str) -> Screening:
        """The tenant's screening."""
        guard = self.shelf().guard(tenant)
        return Screening(guard, guard.policy)
