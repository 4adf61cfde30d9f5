"""Readings → folds by document: what one fold is measured on shares no document with what it learns from."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finetune.datasets.readings import Reading


@dataclass(frozen=True, slots=True)
class Fold:
    """A way to divide the readings."""

    train: list[Reading]
    validation: list[Reading]


def folds(readings: Sequence[Reading], documents: Mapping[str, str], count: int) -> list[Fold]:
    """`count` folds. `documents` tells of which document a passage's text is; made-up passages are of none.

    A reading is measured in the fold of all its passages' documents; where they are of several folds, it is
    learnt from in the others only.
    """
    sides = [_sides(reading, documents, count) for reading in readings]
    return [
        Fold(
            [reading for reading, side in zip(readings, sides, strict=True) if number not in side],
            [reading for reading, side in zip(readings, sides, strict=True) if set(side) == {number}],
        )
        for number in range(count)
    ]


def _sides(reading: Reading, documents: Mapping[str, str], count: int) -> list[int]:
    """The folds of the documents that a reading shows."""
    named = (documents.get(passage.text) for passage in reading.passages)
    return [_side(document, count) for document in named if document is not None]


def _side(document: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:8], "big") % count
