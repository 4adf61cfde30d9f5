"""A dataset's preference pairs → the next adapter of a line.

What users marked as wrong is made less likely, and what they corrected it to more: DPO on from the adapter
that `finetune train` has made.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finetune.adapter_card import LIMITS, USE, trained
from finetune.card import Card, name_of, write_card
from finetune.datasets import dataset as datasets
from finetune.errors import BadAdapter, BadDataset
from finetune.hooks import Event, Hooks
from finetune.training import curve, method
from finetune.training.hyperparameters import Preferences
from finetune.training.progress import Report
from finetune.training.train_dpo import learn
from service.models import load_base


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose pairs are learnt from, by which adapter, and where the next one goes."""

    dataset: Path
    parent: Path
    out: Path
    base: str
    cache: Path
    task: str = "grounded-qa"
    hyper: Preferences = field(default_factory=Preferences)


def prefer(wish: Wish, hooks: Hooks, report: Report) -> dict[str, Any]:
    """Train as wished; returns the card. `wish.out` is there whole or not at all; a killed run begins anew.

    Raises:
        BadAdapter: `wish.out` exists, or `wish.parent` is no adapter.
        BadDataset: the dataset cannot be used, or has no pairs.
        HookFailed: a hook raised; the adapter stays.
    """
    if wish.out.exists():
        raise BadAdapter(f"{wish.out} exists: an adapter is never changed; choose another --out")
    data = datasets.load(wish.dataset)
    if not data.pairs:
        raise BadDataset(f"{wish.dataset}: no preference pairs; build it from feedback with corrections")
    base = load_base(wish.base, wish.cache)
    model = method.exact(base, wish.parent)
    with _scratch(wish.out) as run:
        scratch = run / "model"
        history = learn(model, base.tokenizer, data.pairs, wish.hyper, run, report)
        weights = {name: each.bfloat16() for name, each in model.named_parameters() if ".default." in name}
        method.write(model, weights, scratch)
        shutil.rmtree(scratch / "ref", ignore_errors=True)
        curve.draw(history, scratch / curve.CURVE)
        card = Card(
            name=name_of(wish.task, scratch),
            base=wish.base,
            parent=name_of(wish.task, wish.parent),
            dataset=data.manifest,
            hyperparameters={"method": "dpo", **asdict(wish.hyper)},
            training=trained(history),
            curve=curve.CURVE,
            notes=[f"learnt from {len(data.pairs)} preference pairs (`finetune prefer`); calibrate it anew"],
            intended_use=USE,
            limits=LIMITS,
        )
        told = write_card(scratch, card)
        scratch.replace(wish.out)
    hooks.tell(Event("trained", str(wish.out), told))
    return told


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder beside `out`. What a killed run has left in it is removed."""
    run = out.with_name(f".{out.name}.run")
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    try:
        yield run
    finally:
        shutil.rmtree(run, ignore_errors=True)
