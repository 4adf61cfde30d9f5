"""Sources → a dataset folder: THE WAY of training data.

read sources → clean → split by document → compose readings, with questions that they do not answer →
write, with a manifest.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.compose import compose
from finetune.errors import BadDataset
from finetune.examples import SPLITS, Example, Split, of_split, paragraphs, write_examples
from finetune.manifest import content_hash, digest, kinds
from finetune.pairs import Pair, make_pairs, read_pairs, write_pairs
from finetune.readings import Reading, read_readings, write_readings
from finetune.recipe import Recipe
from finetune.scratch import written_whole
from finetune.sources import read_file
from finetune.split import split

MANIFEST, EXAMPLES, PAIRS = "manifest.json", "examples.jsonl", "pairs.jsonl"
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

    @property
    def readings(self) -> list[Reading]:
        """What is learnt from."""
        return self.train


def build(sources: Sequence[Path], out: Path, recipe: Recipe, licenses: Sequence[str] = ()) -> dict[str, Any]:
    """Build the dataset `out` from `sources`; returns its manifest. All or nothing is written.

    Raises `BadSource` for an unreadable source and `BadDataset` if `out` exists.
    """
    with written_whole(out) as scratch:
        examples = [example for source in sources for example in read_file(source)]
        examples = split(examples, recipe.validation, recipe.test)
        manifest = _write(scratch, examples, recipe)
        manifest["sources"] = [{"name": source.name, "sha256": digest(source)} for source in sources]
        manifest["licenses"] = list(licenses)
        (scratch / MANIFEST).write_text(json.dumps(manifest, indent=2))
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
    parts = (read_readings(folder / _file(name)) for name in SPLITS)
    return Dataset(*parts, read_pairs(folder / PAIRS), manifest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a dataset says of itself. Raises `BadDataset`."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadDataset(f"{folder}: no dataset there ({error}); make one with `finetune build`") from error
    return manifest


def _write(scratch: Path, examples: Sequence[Example], recipe: Recipe) -> dict[str, Any]:
    """Write what is in a dataset; returns what the manifest says of it."""
    write_examples(scratch / EXAMPLES, examples)
    learnt = of_split(examples, "train")
    pairs = make_pairs(learnt, random.Random(recipe.seed))  # noqa: S311  # an order, not a secret
    write_pairs(scratch / PAIRS, pairs)
    readings = {
        "train": compose(paragraphs(learnt), recipe),
        "validation": _held_out(examples, "validation", recipe, recipe.validation),
        "test": _held_out(examples, "test", recipe, recipe.test),
    }
    for name, found in readings.items():
        write_readings(scratch / _file(name), found)
    files = {file.name: digest(file) for file in sorted(scratch.glob("*.jsonl"))}
    return {
        "hash": content_hash(files),
        "files": files,
        "recipe": {name: getattr(recipe, name) for name in recipe.__slots__},
        "readings": len(readings["train"]),
        "questions": kinds(readings["train"]),
        "pairs": len(pairs),
    }


def _held_out(examples: Sequence[Example], name: Split, recipe: Recipe, share: float) -> list[Reading]:
    found = paragraphs(of_split(examples, name))
    return compose(found, recipe.held_out(share)) if found else []


def _file(split_name: str) -> str:
    return f"{split_name}.jsonl"
