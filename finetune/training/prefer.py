"""A dataset's preference pairs → the next adapter of a line.

What users marked as wrong is made less likely, and what they corrected it to more: DPO on from the adapter
that `finetune train` has made.
"""

import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finetune.adapter_card import LIMITS, USE, trained
from finetune.card import Card, name_of, write_card
from finetune.datasets import dataset as datasets
from finetune.errors import BadDataset
from finetune.hooks import Event, Hooks
from finetune.scratch import COMMON, written_whole
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
        BadPlace: `wish.out` exists, cannot be written, or is being written by another process.
        BadAdapter: `wish.parent` is no adapter.
        BadDataset: the dataset cannot be used, or has no pairs.
    """
    with written_whole(wish.out, COMMON) as scratch:
        told = _preferred(wish, scratch, report)
    hooks.tell(Event("trained", str(wish.out), told))
    return told


def _preferred(wish: Wish, out: Path, report: Report) -> dict[str, Any]:
    """Write the adapter into `out`; returns its card."""
    data = datasets.load(wish.dataset)
    if not data.pairs:
        raise BadDataset(f"{wish.dataset}: no preference pairs; build it from feedback with corrections")
    base = load_base(wish.base, wish.cache)
    model = method.exact(base, wish.parent)
    with tempfile.TemporaryDirectory() as scratch:
        history = learn(model, base.tokenizer, data.pairs, wish.hyper, Path(scratch), report)
    weights = {name: each.bfloat16() for name, each in model.named_parameters() if ".default." in name}
    method.write(model, weights, out)
    shutil.rmtree(out / "ref", ignore_errors=True)
    curve.draw(history, out / curve.CURVE)
    card = Card(
        name=name_of(wish.task, out),
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
    return write_card(out, card)
