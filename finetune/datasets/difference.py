"""What two datasets differ in: sources, recipe, what they were cleaned of, and examples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finetune.datasets.examples import EXAMPLES, Example, read_examples
from finetune.datasets.manifest import read_manifest
from finetune.errors import BadDataset

_Place = tuple[str, str]


def difference(one: Path, other: Path, most: int = 5) -> dict[str, Any]:
    """What `other` has that `one` has not, and the other way round; of examples at most `most` in words.

    An example is known by its passage and question; it has changed if its answer or its side has.

    Raises:
        BadDataset: one of them is no dataset, or from before November 2026.
    """
    before, after = read_manifest(one), read_manifest(other)
    left, right = _examples(one, before), _examples(other, after)
    changed = [place for place in left.keys() & right.keys() if _answer(left[place]) != _answer(right[place])]
    moved = [place for place in left.keys() & right.keys() if left[place].split != right[place].split]
    return {
        "one": before["hash"],
        "other": after["hash"],
        "goes_on_from_one": before["hash"] in after["parents"],
        "sources": _named(before["sources"], after["sources"]),
        "recipe": _values(before["recipe"], after["recipe"]),
        "questions": _values(before["questions"], after["questions"]),
        "held_out": _named(before["held_out"], after["held_out"]),
        "added": _told(right, right.keys() - left.keys(), most),
        "removed": _told(left, left.keys() - right.keys(), most),
        "changed": _told(right, set(changed), most) | {"before": _answers(left, changed, most)},
        "moved_to_another_side": len(moved),
    }


def _examples(folder: Path, manifest: Mapping[str, Any]) -> dict[_Place, Example]:
    if "files" not in manifest:
        raise BadDataset(f"{folder}: from before November 2026: its examples were not kept")
    return {(each.passage, each.question): each for each in read_examples(folder / EXAMPLES)}


def _answer(example: Example) -> tuple[str | None, str]:
    return example.answer, example.rejected


def _told(examples: Mapping[_Place, Example], places: set[_Place], most: int) -> dict[str, Any]:
    chosen = [examples[place] for place in sorted(places)[:most]]
    shown = [{"question": each.question, "answer": each.answer, "source": each.source} for each in chosen]
    return {"count": len(places), "examples": shown}


def _answers(examples: Mapping[_Place, Example], places: list[_Place], most: int) -> list[str | None]:
    return [examples[place].answer for place in sorted(places)[:most]]


def _named(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> dict[str, list[str]]:
    """By content: a file of the same name may hold something else."""
    before, after = ({each["sha256"]: each["name"] for each in listed} for listed in (one, other))
    return {
        "added": [name for sha256, name in after.items() if sha256 not in before],
        "removed": [name for sha256, name in before.items() if sha256 not in after],
    }


def _values(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What has another value, from → to; None where there is none."""
    names = sorted(one.keys() | other.keys())
    return {name: [one.get(name), other.get(name)] for name in names if one.get(name) != other.get(name)}
