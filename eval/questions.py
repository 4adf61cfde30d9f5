"""Files of questions with their passages → rows that show a few passages: what adapters are measured on.

Two layouts are read: SQuAD v2's JSON, and JSON lines as `python -m service feedback export` writes them
(`{"id"?,"question","answers","passages","answerable","title"?}`).
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from eval.dataset import json_lines
from eval.distractors import Distractors, random_distractors
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


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Line(BaseModel):
    """A line as it is written."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: Words | None = None
    question: Words
    answers: tuple[Words, ...] | None = None
    passages: tuple[Words, ...]
    answerable: bool
    title: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the passage that it is about, and others that were found for it."""

    id: str
    question: str
    answers: tuple[str, ...]
    own: Text
    beside: tuple[str, ...] = ()


def read_rows(
    path: Path,
    count: int,
    unrelated: int,
    distractors: int = 3,
    seed: int = 7,
    choose: Distractors = random_distractors,
) -> list[Row]:
    """Sample `count` questions, each with its passage among `distractors` of the whole file.

    `unrelated` more are answerable elsewhere, and shown passages of other articles only, one more each: by
    their headings, or else passages that were not found for the question and hold no accepted answer. There
    are fewer where the file has no such passage for them. Which questions are asked does not depend on which
    distractors are chosen. The order of passages is drawn.

    Raises:
        BadQuestions: the file is in neither layout; names it, and the line.
    """
    asked = _lines(path) if path.suffix == ".jsonl" else _squad(path)
    dice = random.Random(seed)  # noqa: S311  # a reproducible sample, not a secret
    texts = list(dict.fromkeys(one.own for one in asked))
    sample = dice.sample(asked, min(count, len(asked)))
    apart = [one for one in asked if unrelated and one.answers and any(_elsewhere(one, x) for x in texts)]
    strangers = dice.sample(apart, min(unrelated, len(apart)))
    rows = [_among(one, texts, distractors, dice, choose) for one in sample]
    return rows + [_apart(one, texts, distractors + 1, dice, choose) for one in strangers]


def _lines(path: Path) -> list[_Asked]:
    asked = dict[str, _Asked]()
    for number, row in json_lines(path):
        place = f"{path}, line {number}"
        one = _line(place, number, row)
        if one.id in asked:
            raise BadQuestions(f"{place}: the id {one.id!r} occurs twice; ids name rows")
        asked[one.id] = one
    return list(asked.values())


def _line(place: str, number: int, row: Mapping[str, Any]) -> _Asked:
    if not row.get("passages"):
        raise BadQuestions(f"{place}: no passages; rows without them are for `eval run`, which searches")
    try:
        read = _Line.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise BadQuestions(f"{place}: not a question: {field}: {first['msg']}") from error
    answers = tuple(dict.fromkeys(read.answers or ())) if read.answerable else ()
    if read.answerable and not answers:
        raise BadQuestions(f"{place}: not a question: answerable, without answers; say what they are")
    holding = [text for text in read.passages if any(answer in text for answer in answers)]
    if answers and not holding:
        raise BadQuestions(
            f"{place}: not a question: no passage holds an answer; they are in the words of a passage"
        )
    own = Text((read.title or "").replace("_", " "), (holding or read.passages)[0])
    return _Asked(read.id or f"line-{number}", read.question, answers, own, read.passages)


def _squad(path: Path) -> list[_Asked]:
    try:
        return _read(path)
    except (OSError, json.JSONDecodeError, AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{path}: not a SQuAD v2 file: {type(error).__name__} {error}") from error


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


def _among(
    one: _Asked, texts: Sequence[Text], distractors: int, dice: random.Random, choose: Distractors
) -> Row:
    others = [text for text in texts if text != one.own]
    passages = [one.own, *choose(one.question, others, distractors, dice)]
    dice.shuffle(passages)
    gold = passages.index(one.own) + 1 if one.answers else 0
    kind: Kind = "answerable" if one.answers else "adversarial"
    return Row(one.id, one.question, one.answers, tuple(passages), gold, kind)


def _apart(one: _Asked, texts: Sequence[Text], count: int, dice: random.Random, choose: Distractors) -> Row:
    others = [text for text in texts if _elsewhere(one, text)]
    shown = choose(one.question, others, count, dice)
    dice.shuffle(shown)
    return Row(f"{one.id}-unrelated", one.question, (), tuple(shown), 0, "unrelated")


def _elsewhere(one: _Asked, text: Text) -> bool:
    """Whether `text` is of another article, or as good as that: only headings tell articles apart."""
    if text.heading and one.own.heading:
        return text.heading != one.own.heading
    held = text.text.casefold()
    mine = text.text == one.own.text or text.text in one.beside
    return not mine and not any(answer.casefold() in held for answer in one.answers)
