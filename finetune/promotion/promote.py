"""THE WAY of an adapter to those who ask: check → copy → gate → approval → evidence → pointer → told.

Until the pointer moves nothing has changed for anybody; it moves in one rename, and servers make the adapter
ready before they answer with it (`service.promotion`). What was live stays: `rollback.py` goes back.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eval import gate
from eval.rules import Rules
from finetune.errors import Meanwhile, NothingLive
from finetune.hooks import Event, Hooks
from finetune.promotion.evidence import Evidence, keep
from finetune.promotion.examination import Examiner, Questions
from finetune.promotion.history import Entry
from finetune.promotion.registry import Registry
from service.split import Split

Outcome = Literal["promoted", "refused", "live already", "canary begun"]


@dataclass(frozen=True, slots=True)
class Order:
    """Which adapter to promote, who wants it, and by which questions and rules it is judged.

    `forced`: why the gate is overruled, should it refuse. `share`: of the conversations; None: all, for good.
    """

    adapter: Path
    questions: Questions
    rules: Rules
    by: str
    forced: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Stages:
    """What a promotion is given. `overlap` says which questions an adapter with this card was trained on."""

    registry: Registry
    examiner: Examiner
    hooks: Hooks
    overlap: Callable[[Mapping[str, Any], Questions], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Promoted:
    """What came of it. `file`: the evidence, below the registry. `found`: what a killed run had left."""

    outcome: Outcome
    adapter: str
    before: str | None
    found: tuple[str, ...]
    evidence: Evidence | None = None
    file: str = ""


def promote(order: Order, stages: Stages) -> Promoted:
    """Promote the adapter, or begin its canary, if the gate lets it.

    Raises:
        BadAdapter: it is incomplete, or not for our base model. NothingLive: a canary beside nothing.
        Busy: another promotion is under way. Meanwhile: one that this one did not know of was made.
        HookFailed: a hook does not approve of it, and nothing is promoted.
        BadRegistry: the registry cannot be written.
        Incomparable, BadRules: the gate has too little to judge by.
    """
    registry = stages.registry
    with registry.promoting():
        found = registry.recover()
        live = registry.live()
        if order.share is not None and live is None:
            raise NothingLive(f"{registry.folder}: nothing is live beside it; promote it without --canary")
        name = registry.admit(order.adapter)
        if name == live:
            return Promoted("live already", name, live, found)
        evidence = _judged(order, stages, name, live)
        entry = Entry(event="refused", adapter=name, before=live, by=order.by, failed=evidence.failed)
        if evidence.failed and not order.forced:
            with registry.moving():
                file = _recorded(registry, evidence, entry)
            return Promoted("refused", name, live, found, evidence, file)
        if evidence.failed:
            entry = entry.model_copy(update={"forced": order.forced})
        stages.hooks.tell(Event("before promotion", name, _facts(evidence, entry, order)))
        file = (_moved if order.share is None else _canary)(order, stages, evidence, entry)
        outcome: Outcome = "promoted" if order.share is None else "canary begun"
        return Promoted(outcome, name, live, found, evidence, file)


def _judged(order: Order, stages: Stages, name: str, live: str | None) -> Evidence:
    """The gate's word on the adapter `name`, which is in the registry, beside what is `live`."""
    old = stages.examiner.examine(live, order.questions) if live else None
    new = stages.examiner.examine(name, order.questions)
    judgement = gate.compare(new.side, old.side if old else None, order.rules)
    notes = stages.overlap(stages.registry.adapters.card(name), order.questions)
    return Evidence(judgement, new, old, notes)


def _canary(order: Order, stages: Stages, evidence: Evidence, entry: Entry) -> str:
    registry, share = stages.registry, order.share or 0.0
    begun = entry.model_copy(update={"event": "canary begun", "share": share})
    with _moving(registry, entry):
        other = registry.canary()
        if other and other.candidate != entry.adapter:
            registry.end_canary(order.by)
        file = _recorded(registry, evidence, begun)
        registry.compare(Split(entry.adapter, share))
    return file


def _moved(order: Order, stages: Stages, evidence: Evidence, entry: Entry) -> str:
    registry, name = stages.registry, entry.adapter
    with _moving(registry, entry):
        file = _recorded(registry, evidence, entry.model_copy(update={"event": "promoting"}))
        registry.point(name)
        registry.settle(killed=False)
    stages.hooks.tell(Event("promoted", name, _facts(evidence, entry, order) | {"evidence": file}))
    return file


@contextmanager
def _moving(registry: Registry, entry: Entry) -> Iterator[None]:
    """As `Registry.moving`, if what the adapter was held against is live still. Raises `Meanwhile`, too."""
    with registry.moving():
        live = registry.live()
        if live != entry.before:
            raise Meanwhile(f"{live} went live meanwhile: promote {entry.adapter} again, beside that one")
        yield


def _recorded(registry: Registry, evidence: Evidence, entry: Entry) -> str:
    """Tell it; returns the evidence's path. Needs `Registry.moving`, as a rollback may tell of itself."""
    file = keep(registry.folder, entry, evidence.plain(), evidence.page())
    registry.history.add(entry.model_copy(update={"evidence": file}))
    return file


def _facts(evidence: Evidence, entry: Entry, order: Order) -> dict[str, Any]:
    return evidence.plain() | {"by": entry.by, "forced": entry.forced, "canary": order.share}
