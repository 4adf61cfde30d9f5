"""A dataset → a trained model in a folder: THE WAY of training.

load → resume or begin → train → write weights, curve and card beside → rename → tell the hooks.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finetune.adapter_card import Made, describe
from finetune.card import name_of
from finetune.datasets import dataset as datasets
from finetune.errors import BadAdapter, BadDataset
from finetune.hooks import Event, Hooks
from finetune.training import curve, method
from finetune.training.checkpoint import Checkpoint
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.processes import Processes
from finetune.training.progress import Progress, Report
from finetune.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be trained: of which data and base model, from which adapter on, and where it goes.

    `base` is a model's name or folder, `cache` where converted ones are kept. `part` is the share of the
    readings that is learnt from. `shard` divides the model over the processes of `accelerate launch`.
    """

    dataset: Path
    out: Path
    base: str
    cache: Path
    task: str = "grounded-qa"
    parent: Path | None = None
    hyper: Hyperparameters = field(default_factory=Hyperparameters)
    part: float = 1.0
    shard: bool = False

    @property
    def adapter(self) -> Path | None:
        """The adapter to go on from; a whole model goes on from one with it merged in (`method.load`)."""
        return None if self.hyper.method == "full" else self.parent

    @property
    def run(self) -> Path:
        """The folder of the run's checkpoint, beside `out` as long as it lasts."""
        return self.out.with_name(f".{self.out.name}.run")


def train(order: Order, hooks: Hooks, report: Report) -> dict[str, Any]:
    """Train as ordered, on from the checkpoint of a killed run; returns the card.

    `order.out` is there whole or not at all.

    Raises:
        BadAdapter: `order.out` exists, or `order.parent` is none.
        BadDataset: the dataset cannot be used, or has nothing to learn from.
        CannotTrain: this machine or this model does not allow the method.
        OtherRun: there is the checkpoint of a run that was ordered differently.
        HookFailed: a hook raised; a run that has not ended goes on from there when started again.
    """
    if order.out.exists():
        shutil.rmtree(order.run, ignore_errors=True)  # of a run that was killed once it had published
        raise BadAdapter(f"{order.out} exists: an adapter is never changed; choose another --out")
    data, processes = datasets.load(order.dataset), Processes(shard=order.shard)
    processes.wait()
    if not data.train:
        raise BadDataset(f"{order.dataset}: no readings to learn from; build it from more questions")
    checkpoint = Checkpoint(order.run, _origin(order, data.manifest))
    base = method.load(order.base, order.cache, order.hyper, order.parent)
    trainer = Trainer(base, order.hyper, checkpoint, order.adapter, processes)

    def told(progress: Progress) -> None:
        if processes.first:
            report(progress)
            if progress.saved:
                hooks.tell(Event("epoch ended", str(order.run), asdict(progress)))

    training = data.train[: max(1, round(order.part * len(data.train)))]
    trainer.train(training, data.validation[: order.hyper.validation], told)
    scratch = order.run / "model"
    if processes.first:
        shutil.rmtree(scratch, ignore_errors=True)
    processes.wait()  # a run that had ended before it was killed takes no step in which all would meet
    trainer.write(scratch)
    if not processes.first:
        return {}
    card = _publish(order, scratch, data.manifest, trainer.history)
    checkpoint.remove()
    hooks.tell(Event("trained", str(order.out), card))
    return card


def _publish(
    order: Order, scratch: Path, manifest: Mapping[str, Any], history: Sequence[Progress]
) -> dict[str, Any]:
    """Put curve and card beside the weights in `scratch`, and the whole where it was ordered."""
    curve.draw(history, scratch / curve.CURVE)
    made = Made(order.task, order.base, manifest, order.hyper, order.parent)
    notes = [f"learnt from the first {order.part:.0%} of the readings"] if order.part < 1 else []
    card = describe(scratch, made, history, notes)
    order.out.parent.mkdir(parents=True, exist_ok=True)
    scratch.replace(order.out)
    return card


def _origin(order: Order, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a run itself: with anything else, its checkpoint says nothing."""
    parent = name_of(order.task, order.parent) if order.parent else None
    told = {"dataset": manifest["hash"], "part": order.part, "base": order.base, "parent": parent}
    return told | asdict(order.hyper)
