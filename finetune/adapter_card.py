"""What the card of an answering model says: of an adapter, or of a whole model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finetune.card import Card, name_of, write_card
from finetune.training.curve import CURVE
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.progress import Progress

USE = "Short, cited answers to questions about the passages in the prompt, or a refusal."
LIMITS = "English. Answers are spans of a passage: no sums, no comparisons, no joining of passages."
_WHOLE = "a whole model, no adapter: serve it with `service.model` set to its folder, and no adapter promoted"


@dataclass(frozen=True, slots=True)
class Made:
    """What a model was made from. `parent` is the folder of the adapter that its run went on from."""

    task: str
    base: str
    manifest: Mapping[str, Any]
    hyper: Hyperparameters = field(default_factory=Hyperparameters)
    parent: Path | None = None


def describe(
    folder: Path, made: Made, history: Sequence[Progress], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Write the card of a freshly trained model; returns it. Its name is the hash of its weights.

    Raises:
        BadAdapter: there are no weights.
    """
    card = Card(
        name=name_of(made.task, folder),
        base=made.base,
        parent=name_of(made.task, made.parent) if made.parent else None,
        dataset=unnamed(made.manifest),
        hyperparameters=asdict(made.hyper),
        training=trained(history),
        curve=CURVE if (folder / CURVE).exists() else None,
        notes=[*notes, *([_WHOLE] if made.hyper.method == "full" else [])],
        intended_use=USE,
        limits=LIMITS,
    )
    return write_card(folder, card)


def unnamed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without names of documents: cards are for more people than documents are."""
    told = dict(manifest.get("balance", {}))
    told.pop("largest_documents", None)
    return {**manifest, **({"balance": told} if told else {})}


def trained(history: Sequence[Progress]) -> dict[str, Any]:
    """How a run went."""
    return {
        "steps": history[-1].step,
        "minutes": round(history[-1].seconds / 60, 1),
        "validation_loss": [(p.step, p.validation_loss) for p in history if p.validation_loss is not None],
        "memory_bytes": max(each.memory for each in history),
    }
