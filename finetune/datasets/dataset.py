"""Sources → a dataset folder: THE WAY of training data.

gather examples → clean → split by document → compose readings, with questions that they do not answer →
write, with a manifest.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.datasets.balance import balance
from finetune.datasets.clean import Cleaned, Means, clean
from finetune.datasets.cleaning.step import Watch
from finetune.datasets.compose import compose
from finetune.datasets.doubt import Doubt
from finetune.datasets.examples import EXAMPLES, SPLITS, Example, Split, of_split, paragraphs, write_examples
from finetune.datasets.gathering import Gathered, Source, named
from finetune.datasets.manifest import described, digest, kinds, read_manifest, write_manifest
from finetune.datasets.pairs import Pair, make_pairs, read_pairs, write_pairs
from finetune.datasets.readings import Reading, read_readings, write_readings
from finetune.datasets.recipe import Recipe
from finetune.datasets.split import split
from finetune.errors import BadDataset
from finetune.scratch import written_whole

PAIRS = "pairs.jsonl"
READINGS = "readings.jsonl"  # of datasets before November 2026: nothing is held out


@dataclass(frozen=True, slots=True)
class Dataset:
    """A built dataset: readings to learn from and two parts that are held out, and the manifest.

    `pairs` are preferences, of documents to learn from. The manifest names sources, recipe, counts and hash.
    """

    train: list[Reading]
    validation: list[Reading]
    test: list[Reading]
    pairs: list[Pair]
    manifest: dict[str, Any]


def build(sources: Sequence[Source], out: Path, recipe: Recipe, means: Means) -> dict[str, Any]:
    """Build the dataset `out` from `sources`; returns its manifest. All or nothing is written.

    Raises:
        BadSource: a source cannot be read, or nothing of it is left.
        Poisoned: a file leaks from an evaluation set, or holds attacks.
        BadPlace: `out` exists, cannot be written, or is being built.
        BadDataset: a dataset that it goes on from is incomplete or was changed.
    """
    with written_whole(out) as scratch:
        gathered = named(list(_gathered(sources, means.watch)))
        cleaned = clean(gathered, recipe, means)
        examples = split(cleaned.examples, recipe.validation, recipe.test)
        readings = composed(examples, recipe, means)
        manifest = _write(scratch, examples, readings, recipe) | _told(gathered, cleaned)
        write_manifest(scratch, manifest)
    return manifest


def load(folder: Path) -> Dataset:
    """Load a built dataset. Raises `BadDataset` when it is incomplete or was changed by hand."""
    manifest = read_manifest(folder)
    files = manifest.get("files", {READINGS: manifest["hash"]})
    for name, value in files.items():
        if digest(folder / name) != value:
            raise BadDataset(f"{folder}: {name} was changed after the build; build the dataset again")
    if READINGS in files:
        return Dataset(read_readings(folder / READINGS), [], [], [], manifest)
    train, validation, test = (read_readings(folder / _file(name)) for name in SPLITS)
    return Dataset(train, validation, test, read_pairs(folder / PAIRS), manifest)


def composed(examples: Sequence[Example], recipe: Recipe, means: Means) -> dict[Split, list[Reading]]:
    """The readings of each side."""
    made: dict[Split, list[Reading]] = {}
    for number, name in enumerate(SPLITS):
        found = paragraphs(of_split(examples, name))
        manner = recipe if name == "train" else recipe.held_out()
        made[name] = compose(found, manner, Doubt(means.grounding)) if found else []
        means.watch("composing", number + 1, len(SPLITS))
    return made


def _gathered(sources: Sequence[Source], watch: Watch) -> Iterator[Gathered]:
    for number, source in enumerate(sources, start=1):
        yield source.gather()
        watch("gathering", number, len(sources))


def _write(
    scratch: Path, examples: Sequence[Example], readings: Mapping[Split, list[Reading]], recipe: Recipe
) -> dict[str, Any]:
    """Write all but the manifest; returns what that says of it."""
    learnt = of_split(examples, "train")
    pairs = make_pairs(learnt, random.Random(recipe.seed))  # noqa: S311  # an order, not a secret
    write_examples(scratch / EXAMPLES, examples)
    write_pairs(scratch / PAIRS, pairs)
    for name, found in readings.items():
        write_readings(scratch / _file(name), found)
    return described(list(scratch.glob("*.jsonl")), recipe) | {
        "readings": len(readings["train"]),
        "questions": kinds(readings["train"]),
        "pairs": len(pairs),
        "splits": {name: _side(of_split(examples, name), readings[name]) for name in SPLITS},
        "balance": balance(learnt, readings["train"]),
    }


def _side(examples: Sequence[Example], readings: Sequence[Reading]) -> dict[str, Any]:
    documents = len({example.document for example in examples})
    return {"documents": documents, "examples": len(examples), "readings": len(readings)}


def _told(gathered: Sequence[Gathered], cleaned: Cleaned) -> dict[str, Any]:
    """Where the examples are from, and what came of them."""
    return {
        "sources": [each.listing() for each in gathered],
        "licenses": list(dict.fromkeys(each.license for each in gathered if each.license)),
        "parents": [parent for each in gathered for parent in each.parents],
        "steps": cleaned.steps,
        "held_out": cleaned.held_out,
    }


def _file(split_name: str) -> str:
    return f"{split_name}.jsonl"
