"""Worlds for the tests of access: documents of several tenants and groups that change over time.

The oracle is a rule of its own, in two lines of plain Python: nothing here asks `ingest.access`.
"""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from ingest.access import Access
from ingest.folder import MANIFEST, Properties
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.sync import sync

TENANTS = ("north", "south")
GROUPS = ("red", "blue")
SLOTS = (0, 1, 2)
BASE = "share:"
COMMON = "minutes of the harbour meeting about leave"

_numbers = itertools.count(1)
_DIGITS = str.maketrans("0123456789", "bcdfghjklm")


def _mark() -> str:
    """A word of no other text, and another one to those who compare words by how they begin."""
    return f"q{next(_numbers):04}xw".translate(_DIGITS)


@dataclass(frozen=True)
class Reader:
    """Who reads: `groups` is None for the tenant's local administrator."""

    tenant: str
    groups: frozenset[str] | None

    def may_read(self, tenant: str, groups: frozenset[str]) -> bool:
        """The oracle."""
        return tenant == self.tenant and (self.groups is None or not groups or bool(groups & self.groups))


@dataclass(frozen=True)
class Step:
    """What happens to a document: it is written anew, given other groups, or deleted.

    A `copy` says what another document says that is there, whoever may read that one.
    """

    kind: str
    tenant: str
    slot: int
    groups: frozenset[str]


@dataclass(frozen=True)
class Held:
    """A document as it should be in the index now; `mark` stands in its text and nowhere else."""

    tenant: str
    name: str
    mark: str
    groups: frozenset[str]
    before: tuple[str, ...] = ()  # the marks of what stood at its place before

    @property
    def uri(self) -> str:
        """Where it stands."""
        return f"{BASE}/{self.name}"

    @property
    def text(self) -> str:
        """What it says."""
        return f"{COMMON}, entry {self.mark}."


@dataclass
class World:
    """What should be in the index, by tenant and slot. Names and marks are no other world's."""

    number: int = field(default_factory=lambda: next(_numbers))
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    said: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def tenant(self, name: str) -> str:
        """The tenant as this world calls it: worlds share an index."""
        return f"{name}{self.number}"

    def take(self, step: Step) -> Held | None:
        """What the document is like after the step; None if there is none."""
        place = (step.tenant, step.slot)
        before = self.held.pop(place, None)
        if step.kind == "delete":
            return None
        mark = self._said(step, before)
        name = f"doc{step.slot}{step.tenant}{self.number}x/minutes.md"  # a folder each, for its manifest
        self.held[place] = Held(
            self.tenant(step.tenant), name, mark, step.groups, tuple(self.said.setdefault(place, []))
        )
        self.said[place].append(mark)
        self.marks |= {mark, name}
        return self.held[place]

    def _said(self, step: Step, before: Held | None) -> str:
        others = [self.held[place].mark for place in sorted(self.held)]
        if step.kind == "copy" and others:
            return others[step.slot % len(others)]
        return before.mark if before and step.kind == "regroup" else _mark()

    def readable(self, reader: Reader) -> list[Held]:
        """What `reader` may see."""
        return [each for each in self.held.values() if reader.may_read(each.tenant, each.groups)]

    def twins(self, reader: Reader) -> set[frozenset[str]]:
        """The uris of what `reader` may see, those that say the same to the same readers together."""
        found: dict[tuple[str, frozenset[str]], set[str]] = {}
        for each in self.readable(reader):
            found.setdefault((each.mark, each.groups), set()).add(each.uri)
        return set(map(frozenset, found.values()))

    def hidden(self, reader: Reader) -> set[str]:
        """What must stand in nothing that `reader` is told: marks and names of all that is not theirs now."""
        return self.marks - {word for each in self.readable(reader) for word in (each.mark, each.name)}

    def leaks(self, reader: Reader, told: str) -> list[str]:
        """What of it stands in `told` all the same."""
        return sorted(word for word in self.hidden(reader) if word in told)

    def live(self, history: Iterable[Step], tools: Tools, folder: Path) -> None:
        """Let the steps happen below `folder`, and a sync of each tenant see what came of them."""
        for step in history:
            gone, held = self.held.get((step.tenant, step.slot)), self.take(step)
            if held is not None:
                place = folder / held.tenant / held.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(held.text)
                (place.parent / MANIFEST).write_text(json.dumps({"groups": sorted(held.groups)}))
            elif gone is not None:
                (folder / gone.tenant / gone.name).unlink()
        for tenant in map(self.tenant, TENANTS):
            (folder / tenant).mkdir(exist_ok=True)
            root = Root(folder / tenant, BASE)
            assert not sync(tools, Order((root,), Properties(Access(tenant)), prune=True)).failed


groups = st.frozensets(st.sampled_from(GROUPS))
steps = st.builds(
    Step,
    kind=st.sampled_from(["write", "write", "copy", "copy", "regroup", "delete"]),
    tenant=st.sampled_from(TENANTS),
    slot=st.sampled_from(SLOTS),
    groups=groups,
)
histories = st.lists(steps, min_size=4, max_size=12)
readers = st.lists(st.tuples(st.sampled_from(TENANTS), groups), min_size=1, max_size=3, unique=True)
