"""Which guard stands between a principal and the documents: their policy's, and what they must not learn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from guardrails.guard import Guard
from guardrails.rail import NOTHING_WITHHELD, Withheld
from guardrails.shelf import Shelf
from ingest.access import Principal


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
