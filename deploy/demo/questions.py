"""The questions of the demo and what is expected of each, read from `questions.toml`."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Expect = Literal["answer", "refuse", "block", "redact", "safe"]
Asker = Literal["hr", "engineering", "legal"]


class Question(BaseModel):
    """One question, who asks it, and its expected outcome; `questions.toml` tells what each field means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    ask: str
    asker: Asker
    expect: Expect
    answers: tuple[str, ...] = ()
    source: str = ""
    forbidden: tuple[str, ...] = ()
    rail: str = ""
    search: bool = False
    demo: bool = True
    recited: bool = False


def load(file: Path, *, spare: bool = False) -> list[Question]:
    """Read the questions in order; the spare ones only if asked for. Raises pydantic's ValidationError."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["question"]
    questions = [Question.model_validate(row) for row in rows]
    return [question for question in questions if question.demo or spare]
