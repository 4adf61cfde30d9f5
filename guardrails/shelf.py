"""The policies in force, by tenant and key; a file that changes is read anew while the server runs."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardrails.errors import GuardrailsError, PolicyError
from guardrails.guard import Guard
from guardrails.outcome import Outcome
from guardrails.policy import Policy
from guardrails.policy_file import lineage, load_policy
from guardrails.settings import GuardrailsSettings

Make = Callable[[Policy], Guard]
Told = Callable[[str, GuardrailsError | None], None]
"""Is told that a policy was read anew, or why it could not be: the last good one stays in force."""

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Assignments:
    """Which policy holds for whom. A key's own goes before its tenant's, and that before the general one."""

    general: str
    tenants: Mapping[str, str]
    keys: Mapping[str, str]

    @classmethod
    def of(cls, settings: GuardrailsSettings) -> "Assignments":
        """As the settings say."""
        return cls(settings.policy, settings.tenants, settings.keys)

    def policy(self, tenant: str, subject: str | None = None) -> str:
        """The name of the policy that holds for `subject` of `tenant`."""
        own = self.keys.get(f"{tenant}/{subject}")
        return own or self.tenants.get(tenant) or self.general

    def names(self) -> frozenset[str]:
        """Every policy that holds for somebody."""
        return frozenset({self.general, *self.tenants.values(), *self.keys.values()})


@dataclass(slots=True)
class _Kept:
    """A guard, the files that its policy stands in as they were, and when they were looked at last."""

    guard: Guard
    files: tuple[Path, ...]
    stamp: Stamp
    looked: float


class Shelf:
    """A guard for every policy that is in force. Safe to use from several threads.

    All are built at once, so that a policy that cannot be used stops the start and not a question. `wait`
    seconds after a file was looked at it is looked at again; `told` hears of changes.
    """

    def __init__(self, assignments: Assignments, make: Make, told: Told, *, wait: float = 1.0) -> None:
        """As above.

        Raises:
            PolicyError: a policy cannot be read.
            RailError: a rail cannot be made.
        """
        self._assignments, self._make, self._told, self._wait = assignments, make, told, wait
        self._lock = threading.Lock()
        self._kept = {name: self._read(name) for name in sorted(assignments.names())}

    def guard(self, tenant: str, subject: str | None = None) -> Guard:
        """The guard for `subject` of `tenant`, or for the tenant as a whole."""
        name = self._assignments.policy(tenant, subject)
        with self._lock:
            kept = self._kept[name]
            now = time.monotonic()
            if now - kept.looked < self._wait:
                return kept.guard
            kept.looked = now  # others go on with what there is while this one looks
        return self._looked(name, kept)

    def _looked(self, name: str, kept: _Kept) -> Guard:
        with Outcome("what it asks for") as outcome:
            # A policy extends others only by what stands in its files: while they are the same, so are these.
            if _stamp(kept.files) == kept.stamp:
                return kept.guard
            fresh = self._read(name)
            version = fresh.guard.policy.version
        if outcome.error is not None:
            self._told(name, _translated(name, outcome))
            return kept.guard
        if version == kept.guard.policy.version:
            fresh.guard = kept.guard
        else:
            self._told(version, None)
        with self._lock:
            self._kept[name] = fresh
        return fresh.guard

    def _read(self, name: str) -> _Kept:
        files = lineage(name)
        stamp = _stamp(files)
        return _Kept(self._make(load_policy(name)), files, stamp, time.monotonic())


def _translated(name: str, outcome: Outcome) -> GuardrailsError:
    if isinstance(outcome.error, GuardrailsError):
        return outcome.error
    return PolicyError(f"{name}: {outcome.reason}. Mend the policy, or the code that it names.")


def _stamp(files: Sequence[Path]) -> Stamp:
    """What changes when one of the files does."""
    return tuple(map(_state, files))


def _state(file: Path) -> tuple[int, int, int] | None:
    """None for one that cannot be looked at: whoever reads it then finds out why."""
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
