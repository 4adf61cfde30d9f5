"""A dataset → a trained model in a folder: THE WAY of training.

load → resume or begin → train → write weights, curve and card beside → rename → tell the hooks.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finetune.adapter_card import Made, describe
from finetune.card import name_of
from finetune.datasets import dataset as datasets
from finetune.errors import BadDataset
from finetune.hooks import Event, Hooks
from finetune.place import claimed, free
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
        return self.out.parent / f".{self.out.name}.run"

    def origin(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """What makes the run itself, on the dataset with that manifest, as plain values."""
        parent = name_of(self.task, self.parent) if self.parent else None
        told = {"dataset": manifest["hash"], "part": self.part, "base": self.base, "parent": parent}
        return told | asdict(self.hyper)


def train(order: Order, hooks: Hooks, report: Report) -> dict[str, Any]:
    """Train as ordered, on from the checkpoint of a killed run; returns the card.

    `order.out` is there whole or not at all.

    Raises:
        BadPlace: `order.out` exists, cannot be written, or is being trained by another run.
        BadAdapter: `order.parent` is none, or of another kind.
        BadDataset: the dataset cannot be used, or has nothing to learn from.
        CannotTrain: this machine or this model does not allow the method.
        OtherRun: there is the checkpoint of a run that was ordered differently.
        HookFailed: a hook raised at a checkpoint; the run goes on from there when started again.
    """
    processes = Processes(shard=order.shard)
    with _alone(order, processes):
        card = _trained(order, processes, hooks, report)
    if card:
        hooks.tell(Event("trained", str(order.out), card))
    return card


@contextmanager
def _alone(order: Order, processes: Processes) -> Iterator[None]:
    """No other run has the place of this one: its first process holds it for all."""
    if not processes.first:
        processes.wait()
        yield
        return
    with claimed(order.out):
        if order.out.exists():
            shutil.rmtree(order.run, ignore_errors=True)  # of a run that was killed once it had published
        free(order.out)
        processes.wait()
        yield


def _trained(order: Order, processes: Processes, hooks: Hooks, report: Report) -> dict[str, Any]:
    """The card of the trained model; of several processes the first has it."""
    data = datasets.load(order.dataset)
    if not data.train:
        raise BadDataset(f"{order.dataset}: no readings to learn from; build it from more questions")
    checkpoint = Checkpoint(order.run, order.origin(data.manifest))
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
    return card


def _publish(
    order: Order, scratch: Path, manifest: Mapping[str, Any], history: Sequence[Progress]
) -> dict[str, Any]:
    """Put curve and card beside the weights in `scratch`, and the whole where it was ordered."""
    curve.draw(history, scratch / curve.CURVE)
    made = Made(order.task, order.base, manifest, order.hyper, order.parent)
    notes = [f"learnt from the first {order.part:.0%} of the readings"] if order.part < 1 else []
    card = describe(scratch, made, history, notes)
    scratch.replace(order.out)
    return card
