"""Readings: a set of passages and many questions about them, the unit of a dataset and of a batch.

Asking a dozen questions of one set of passages costs little more than asking one, because the
trainer computes the passages once (`packing.py`).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from finetune.errors import BadDataset
from service.prompts import REFUSAL

Kind = Literal["answerable", "adversarial", "same-article", "unrelated", "swapped", "negated", "substituted"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the prompt shows it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the reply that the adapter should learn: "answer [n]" or the refusal."""

    question: str
    reply: str
    kind: Kind

    @property
    def target(self) -> tuple[str, int] | None:
        """The answer and the number of its passage (from 1); None for a refusal."""
        answer, _, number = self.reply.rpartition(" [")
        return (answer, int(number.rstrip("]"))) if self.kind == "answerable" else None


@dataclass(frozen=True, slots=True)
class Reading:
    """One to five passages and the questions asked of them."""

    passages: tuple[Shown, ...]
    asked: tuple[Asked, ...]


def answered(question: str, answer: str, number: int) -> Asked:
    """A question whose answer stands in passage `number` (from 1)."""
    return Asked(question, f"{answer} [{number}]", "answerable")


def refused(question: str, kind: Kind) -> Asked:
    """A question that the passages do not answer."""
    return Asked(question, REFUSAL, kind)


def write_readings(path: Path, readings: Iterable[Reading]) -> None:
    """Write JSON lines, one reading a line."""
    with path.open("w", encoding="utf-8") as lines:
        for reading in readings:
            lines.write(json.dumps(asdict(reading), ensure_ascii=False) + "\n")


def read_readings(path: Path) -> list[Reading]:
    """Read what `write_readings` wrote. Raises `BadDataset` naming the line."""
    readings = []
    # No other end of line: U+2028 may stand in a text.
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            passages = tuple(Shown(**passage) for passage in row["passages"])
            readings.append(Reading(passages, tuple(Asked(**asked) for asked in row["asked"])))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise BadDataset(f"{path}:{number}: not a reading: {error}") from error
    return readings
