"""What the card of an answering model says: of an adapter, or of a whole model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from finetune.card import Card, name_of, write_card
from finetune.hyperparameters import Hyperparameters
from finetune.train_lora import Progress

USE = "Short, cited answers to questions about the passages in the prompt, or a refusal."
LIMITS = "English. Answers are spans of a passage: no sums, no comparisons, no joining of passages."


def describe(  # noqa: PLR0913, PLR0917  # all that a card tells
    folder: Path,
    task: str,
    base: str,
    manifest: Mapping[str, Any],
    hyper: Hyperparameters,
    history: Sequence[Progress],
    parent: Path | None = None,
) -> dict[str, Any]:
    """Write the card of a freshly trained adapter; returns it. Its name is the hash of its weights.

    `parent` is the adapter that the run went on from.
    """
    training = {
        "steps": history[-1].step,
        "minutes": round(history[-1].seconds / 60, 1),
        "validation_loss": [(p.step, p.validation_loss) for p in history if p.validation_loss is not None],
    }
    card = Card(
        name=name_of(task, folder),
        base=base,
        parent=name_of(task, parent) if parent else None,
        dataset=manifest,
        hyperparameters=asdict(hyper),
        training=training,
        intended_use=USE,
        limits=LIMITS,
    )
    return write_card(folder, card)
