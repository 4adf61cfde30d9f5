"""A rail's model takes the place of the shipped one: measure both → hold together → keep the old → rename.

<models>/encoder.safetensors            what servers load when they start
<models>/before/encoder-<hash>.safetensors    what was there before, for `rollback`
<models>/before/encoder.jsonl           what happened, see `finetune.promotion.history`
<models>/before/evidence/<name>/        why, see `finetune.promotion.evidence`
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.rails.figures import Line
from finetune.datasets.manifest import digest
from finetune.errors import BadRegistry, Meanwhile, NothingBefore
from finetune.promotion.evidence import keep, markdown
from finetune.promotion.history import Entry, History
from finetune.promotion.lock import PATIENCE, locked
from finetune.promotion.rail_gate import HEAD, Held, held

Measure = Callable[[Path], Sequence[Line]]
BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Order:
    """Put the model in the file `new` in the place of `shipped`; `forced`: why, though it is worse."""

    shipped: Path
    new: Path
    by: str
    forced: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """What came of it: the figures of both, and the names of the models."""

    figures: tuple[Held, ...]
    new: str
    before: str
    done: bool


def promote_rail(order: Order, measure: Measure) -> Replaced:
    """Measure both models, and replace the shipped one unless a figure stops it.

    Raises:
        BadRegistry: the folder of models cannot be written. Busy: another is replacing a model.
        Meanwhile: another was replaced while this one was measured.
        RailError: a model cannot be read. Incomparable: there is nothing to hold it against.
    """
    name, before = _name(order.shipped, order.new), _name(order.shipped, order.shipped)
    if name == before:
        return Replaced((), name, before, done=False)
    figures = tuple(held(measure(order.shipped), measure(order.new)))
    failed = tuple(f"{each.new.rail}: {each.new.name}" for each in figures if each.worse)
    entry = Entry(event="refused", adapter=name, before=before, by=order.by, failed=failed)
    done = not failed or bool(order.forced)
    with _moving(order.shipped) as (history, live):
        if live != before:
            raise Meanwhile(f"{live} came meanwhile: promote {order.new} again, beside that one")
        if done:
            told = {"event": "promoting", "forced": order.forced if failed else ""}
            _replace(order.shipped, order.new, _recorded(order, entry.model_copy(update=told), figures))
        else:
            history.add(_recorded(order, entry, figures))
    return Replaced(figures, name, before, done=done)


def rollback_rail(shipped: Path, by: str) -> str:
    """Put the model before in its place again; returns its name.

    Raises:
        NothingBefore: there was none, or it is gone.
        BadRegistry: the folder of models cannot be written. Busy: another is replacing a model.
    """
    with _moving(shipped) as (history, live):
        name = history.before(live)
        kept = shipped.parent / BEFORE / f"{name}{shipped.suffix}"
        if name is None or not kept.is_file():
            raise NothingBefore(f"{shipped}: no model before {live} is kept in {kept.parent}")
        _replace(shipped, kept, Entry(event="rolling back", adapter=name, before=live, by=by))
    return name


@contextmanager
def _moving(shipped: Path) -> Iterator[tuple[History, str]]:
    """One move at a time: the history, with one that was killed completed, and the shipped model's name."""
    with locked(shipped.parent / BEFORE / f".{shipped.stem}.lock", PATIENCE):
        history, live = _history(shipped), _name(shipped, shipped)
        history.complete(live)
        yield history, live


def _recorded(order: Order, entry: Entry, figures: Sequence[Held]) -> Entry:
    """The entry, with the figures that it rests on written down."""
    told = {
        "model": entry.adapter,
        "before": entry.before,
        "passed": not entry.failed,
        "failed": list(entry.failed),
        "figures": [each.plain() for each in figures],
    }
    page = markdown(HEAD, (each.cells() for each in figures))
    return entry.model_copy(update={"evidence": keep(order.shipped.parent / BEFORE, entry, told, page)})


def _replace(shipped: Path, new: Path, entry: Entry) -> None:
    history = _history(shipped)
    _copy(shipped, shipped.parent / BEFORE / f"{entry.before}{shipped.suffix}")
    history.add(entry)
    _copy(new, shipped)
    history.complete(entry.adapter, killed=False)


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    scratch = target.with_name(f".{target.name}.new")
    try:
        with scratch.open("wb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(target)
    except OSError as error:
        raise BadRegistry(f"{target}: cannot be written: {error.strerror}") from error


def _history(shipped: Path) -> History:
    return History(shipped.parent / BEFORE / f"{shipped.stem}.jsonl")


def _name(shipped: Path, model: Path) -> str:
    """Models are called by the hash of their file."""
    return f"{shipped.stem}-{digest(model)[:12]}"
