"""What the card of a model of search says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from finetune.card import Card, name_of, write_card
from finetune.retrieval.trainers import Progress

_USES = {
    "embedder": "Vectors of questions and passages of documents like those that it was trained on: set "
    "`[ingest] embedder` to its folder and run `python -m ingest reindex --embedder FOLDER`.",
    "reranker": "Puts the passages that a search found in order: set `[service] reranker` to its folder.",
}
_LIMITS = {
    "embedder": "As far as its base's; other documents may be found worse than before.",
    "reranker": "English. It reads the first tokens of question and passage, and no two passages together.",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a model was made from. `sources`: name, sha256 and, where told, licence of each."""

    task: Literal["embedder", "reranker"]
    base: str
    sources: Sequence[Mapping[str, str]]
    rows: int
    hyper: Mapping[str, Any]
    history: Sequence[Progress]
    notes: Sequence[str] = field(default=())


def describe(folder: Path, made: Made, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Write the card of a freshly trained model; returns it. Its name is the hash of its weights."""
    last = made.history[-1] if made.history else None
    training = {
        "steps": last.step if last else 0,
        "minutes": round(last.seconds / 60, 1) if last else 0.0,
        "losses": [(each.step, each.loss) for each in made.history],
    }
    card = Card(
        name=name_of(made.task, folder),
        base=made.base,
        dataset={
            "sources": list(made.sources),
            "licenses": [source["license"] for source in made.sources if "license" in source],
            "questions": {"rows": made.rows},
        },
        hyperparameters=made.hyper,
        training=training,
        intended_use=_USES[made.task],
        limits=_LIMITS[made.task],
        notes=made.notes,
        figures=figures,
        figures_command=f"python -m finetune {made.task}",
    )
    return write_card(folder, card)
