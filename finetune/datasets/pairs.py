"""Preference pairs: a question of passages, the reply that people want and one that they marked as wrong."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from finetune.datasets.examples import Example
from finetune.datasets.readings import Shown, answered
from finetune.errors import BadDataset
from service.citations import reordered
from service.prompts import REFUSAL


@dataclass(frozen=True, slots=True)
class Pair:
    """What the prompt shows and asks, and two replies to it."""

    passages: tuple[Shown, ...]
    question: str
    chosen: str
    rejected: str


def make_pairs(examples: Iterable[Example], dice: random.Random) -> list[Pair]:
    """The pairs of the examples that have a rejected reply, their passages in a random order."""
    return [_pair(example, dice) for example in examples if example.rejected]


def _pair(example: Example, dice: random.Random) -> Pair:
    passages = [Shown(example.heading, example.passage), *example.beside]
    order = dice.sample(range(len(passages)), len(passages))
    places = {old + 1: new + 1 for new, old in enumerate(order)}
    answer = example.answer
    chosen = answered(example.question, answer, places[1]).reply if answer else REFUSAL
    return Pair(
        tuple(passages[old] for old in order), example.question, chosen, reordered(example.rejected, places)
    )


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write JSON lines, one pair a line."""
    with path.open("w", encoding="utf-8") as lines:
        for pair in pairs:
            lines.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")


def read_pairs(path: Path) -> list[Pair]:
    """Read what `write_pairs` wrote. Raises `BadDataset` naming the line."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")[:-1], start=1):
        try:
            row = json.loads(line)
            passages = tuple(Shown(**shown) for shown in row.pop("passages"))
            pairs.append(Pair(passages, **row))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise BadDataset(f"{path}:{number}: not a pair: {error}") from error
    return pairs
