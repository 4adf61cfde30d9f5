"""SQuAD v2 files → questions with four passages each: the set on which adapters are measured."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eval.errors import BadQuestions

Kind = Literal["answerable", "adversarial", "unrelated"]


@dataclass(frozen=True, slots=True)
class Text:
    """A passage as the prompt shows it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A question, its passages, the accepted answers and the number of the passage that holds them.

    `gold` is 0 when no passage holds the answer: the adapter should refuse.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    passages: tuple[Text, ...]
    gold: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    question: str
    answers: tuple[str, ...]
    own: Text


def read_rows(path: Path, count: int, unrelated: int, distractors: int = 3, seed: int = 7) -> list[Row]:
    """Sample `count` questions, each with its passage among `distractors` drawn from the whole file.

    `unrelated` more are answerable elsewhere, and shown passages of other articles only.

    Raises:
        BadQuestions: the file is not in SQuAD v2's layout.
    """
    try:
        asked = _read(path)
    except (OSError, json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{path}: not a SQuAD v2 file: {type(error).__name__} {error}") from error
    dice = random.Random(seed)  # noqa: S311  # a reproducible sample, not a secret
    texts = list(dict.fromkeys(one.own for one in asked))
    rows = [_among(one, texts, distractors, dice) for one in dice.sample(asked, min(count, len(asked)))]
    answerable = [one for one in asked if one.answers]
    strangers = dice.sample(answerable, min(unrelated, len(answerable)))
    return rows + [_apart(one, texts, distractors + 1, dice) for one in strangers]


def _read(path: Path) -> list[_Asked]:
    data = json.loads(path.read_text())["data"]
    return [
        _Asked(
            qa["id"],
            qa["question"].strip(),
            tuple(dict.fromkeys(answer["text"] for answer in qa["answers"])),
            Text(article["title"].replace("_", " "), paragraph["context"].strip()),
        )
        for article in data
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def _among(one: _Asked, texts: Sequence[Text], distractors: int, dice: random.Random) -> Row:
    others = [text for text in texts if text != one.own]
    passages = [one.own, *dice.sample(others, min(distractors, len(others)))]
    dice.shuffle(passages)
    gold = passages.index(one.own) + 1 if one.answers else 0
    kind: Kind = "answerable" if one.answers else "adversarial"
    return Row(one.id, one.question, one.answers, tuple(passages), gold, kind)


def _apart(one: _Asked, texts: Sequence[Text], count: int, dice: random.Random) -> Row:
    others = [text for text in texts if text.heading != one.own.heading]
    return Row(f"{one.id}-unrelated", one.question, (), tuple(dice.sample(others, count)), 0, "unrelated")
