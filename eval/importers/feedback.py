"""Rated answers, as `python -m service feedback export` writes them → the users' own questions.

They join a dataset only where somebody exports and imports them. The service has bound each row to what the
model was shown; who asked is not in it.
"""

from pathlib import Path
from typing import Any

from eval.dataset import Question, json_lines
from eval.errors import BadQuestions
from eval.importers.rows import Row


def read(path: Path) -> list[Question]:
    """The rated questions; none of them reviewed. Raises `BadQuestions`, naming line and column."""
    return [_question(Row(f"{path}, line {number}", fields)) for number, fields in json_lines(path)]


def _question(row: Row) -> Question:
    answers = row.fields.get("answers")
    if not isinstance(answers, list) or not isinstance(row.fields.get("feedback"), dict):
        raise BadQuestions(
            f"{row.place}: not a rated answer; `python -m service feedback export` writes them"
        )
    fields: dict[str, Any] = {
        "id": row.text("id"),
        "question": row.text("question"),
        "answers": tuple(answers),
        "answerable": bool(answers),
    }
    return row.question(**fields, kind="user", source="feedback")
