"""SQuAD, versions 1 and 2 → questions (Rajpurkar et al., 2016 and 2018). Their articles are no documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.dataset import Question
from eval.errors import BadQuestions
from eval.importers.rows import Row


def read(path: Path) -> list[Question]:
    """The questions of a file; what is impossible there is unanswerable here.

    Raises:
        BadQuestions: the file is not in SQuAD's layout; names the article and the paragraph.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadQuestions(f"{path}: cannot be read as JSON: {error}") from error
    return [_question(Row(place, asked)) for place, asked in _asked(path, data)]


def _asked(path: Path, data: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question with its place."""
    for number, article in enumerate(_list(data, "data", str(path)), start=1):
        place = f"{path}, article {number}"
        for count, paragraph in enumerate(_list(article, "paragraphs", place), start=1):
            place_below = f"{place}, paragraph {count}"
            for asked in _list(paragraph, "qas", place_below):
                if not isinstance(asked, dict):
                    raise BadQuestions(f"{place_below}: a question is no object")
                yield place_below, asked


def _question(row: Row) -> Question:
    impossible = bool(row.fields.get("is_impossible", False))
    answers = [] if impossible else _list(row.fields, "answers", row.place)
    if not all(isinstance(answer, dict) and isinstance(answer.get("text"), str) for answer in answers):
        raise BadQuestions(f"{row.place}, answers: an answer without a text")
    return row.question(
        id=str(row.fields.get("id", "")),
        question=row.text("question"),
        answers=tuple(dict.fromkeys(answer["text"] for answer in answers)),
        answerable=not impossible,
        kind="unanswerable" if impossible else "factual",
        source="squad",
    )


def _list(value: object, name: str, place: str) -> list[Any]:
    if not isinstance(value, dict) or not isinstance(value.get(name), list):
        raise BadQuestions(f"{place}: no list {name!r}, which SQuAD's layout has there")
    return list(value[name])
