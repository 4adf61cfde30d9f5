"""The way back: the pointer to what was live before, or the end of a canary. Waits for nobody's gate."""

from dataclasses import dataclass

from finetune.errors import NothingBefore
from finetune.hooks import Event, Hooks
from finetune.promotion.history import Entry
from finetune.promotion.registry import Registry


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What is live now, what was before, the candidate whose canary has ended, and what a killed run left."""

    live: str | None
    before: str | None
    canary: str | None = None
    found: tuple[str, ...] = ()


def rollback(registry: Registry, hooks: Hooks, by: str, to: str | None = None) -> RolledBack:
    """Go back to what was live before, or to the adapter `to`. A canary ends; without `to` it ends alone.

    Raises:
        NothingBefore: nothing was live before, or `to` never was.
        BadAdapter: what was live before is no longer whole.
        Busy: a pointer is being moved. BadRegistry: the registry cannot be written.
    """
    with registry.moving():
        found, live = registry.settle(), registry.pointed()
        candidate = registry.end_canary(by)
        if candidate and to is None:
            return RolledBack(live, live, candidate, found)
        target = _target(registry, live, to)
        registry.history.add(Entry(event="rolling back", adapter=target, before=live, by=by))
        registry.point(target)
        registry.settle(killed=False)
    hooks.tell(Event("rolled back", target, {"before": live, "by": by}))
    return RolledBack(target, live, candidate, found)


def _target(registry: Registry, live: str | None, to: str | None) -> str:
    target = to or registry.history.before(live)
    if target is None:
        raise NothingBefore(f"{registry.folder}: nothing was live before {live or 'now'}; promote an adapter")
    if target == live:
        raise NothingBefore(f"{target} is live already")
    if target not in registry.history.lived():
        raise NothingBefore(f"{target} was never live here: `finetune promote {target}` puts it to the gate")
    registry.whole(target)
    return target
