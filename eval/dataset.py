"""Datasets: questions with what is expected of each, a JSON object a line.

The contract's fields are `id`, `question`, `answers`, `answerable`, `documents` and `history`; the others
are ours and optional. Other people's files carry more: a field that is not known here is left out and told
of, so that a misspelt one is not a silent change of what is measured.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.errors import BadQuestions
from ingest.access import DEFAULT_TENANT, LONGEST_NAME, Principal

Kind = Literal[
    "factual",
    "table",
    "multi_passage",
    "unanswerable",
    "outdated",
    "permission",
    "follow_up",
    "attack",
    "benign",
    "user",
]


Warn = Callable[[str], None]


class Turn(BaseModel):
    """What was said before the question. What else others keep of a turn is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Literal["user", "assistant"]
    content: str


class Evidence(BaseModel):
    """Where the answer stands: `document.text[start:end]` of `uri`; `sha256` is of those characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    sha256: str


class Question(BaseModel):
    """A question, who asks it, and what is expected.

    `documents`: URIs, or their ends, of the documents that hold the answer; empty: not known. `forbidden`:
    words that must not come out (canaries, what others alone may read). `group`: the side that a question
    stands on in a comparison of matched questions (`pair`), for bias. `source`: where the row comes from
    (`written`, `generated`, an importer, `feedback`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answers: tuple[str, ...] = ()
    answerable: bool = True
    documents: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    kind: Kind = "factual"
    tenant: str = Field(DEFAULT_TENANT, min_length=1, max_length=LONGEST_NAME)
    groups: tuple[str, ...] | None = None
    language: str = "en"
    forbidden: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    pair: str = ""
    group: str = ""
    source: str = ""
    reviewed: bool = False

    @field_validator("history", mode="before")
    @classmethod
    def _turns(cls, history: object) -> object:
        """Plain strings are what the user said before."""
        if not isinstance(history, list | tuple):
            return history
        return [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in history]

    @property
    def principal(self) -> Principal:
        """As whom it is asked; without `groups`, as the tenant's local administrator."""
        if self.groups is None:
            return Principal.administrator(self.tenant)
        return Principal(self.tenant, "evaluation", frozenset(self.groups), frozenset({"chat", "eval"}))

    @property
    def format(self) -> str:
        """The kind of file that holds the answer, such as `pdf`; empty where that is not known."""
        name = self.documents[0].rpartition("/")[2] if self.documents else ""
        return name.rpartition(".")[2].lower() if "." in name else ""


def read_dataset(path: Path, warn: Warn = lambda _: None) -> list[Question]:
    """The questions of a file, in order. `warn` hears once of each field that is not known, and left out.

    Raises:
        BadQuestions: the file cannot be read, a row is wrong, or an id occurs twice; names file and line.
    """
    questions: dict[str, Question] = {}
    unknown: dict[str, int] = {}
    for number, row in json_lines(path):
        question = _question(path, number, _known(row, number, unknown))
        if question.id in questions:
            raise BadQuestions(f"{path}, line {number}: the id {question.id!r} occurs twice; ids name rows")
        questions[question.id] = question
    if not questions:
        raise BadQuestions(f"{path}: holds no question; write one JSON object a line")
    for field, first in unknown.items():
        warn(f"{path}: the field {field!r} (first in line {first}) is not known and was left out")
    return list(questions.values())


def json_lines(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file, each with the number of its line, from 1.

    Raises:
        BadQuestions: the file cannot be read, or a line holds no JSON object; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # no others: U+2028 may stand in JSON
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{path}: cannot be read: {error}") from error
    return [(number, _object(path, number, line)) for number, line in enumerate(lines, 1) if line.strip()]


def write_dataset(path: Path, questions: Iterable[Question]) -> None:
    """Write the file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text("".join(f"{_line(question)}\n" for question in questions), encoding="utf-8")
    scratch.replace(path)


def version(questions: Sequence[Question]) -> str:
    """The dataset's version: 12 characters of the SHA-256 of its rows, in whatever order they stand."""
    return hashlib.sha256("\n".join(sorted(map(_line, questions))).encode()).hexdigest()[:12]


def _line(question: Question) -> str:
    return question.model_dump_json(exclude_defaults=True)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadQuestions(f"{path}, line {number}: not JSON: {error.msg}") from error
    if not isinstance(row, dict):
        raise BadQuestions(f"{path}, line {number}: not a JSON object, which a row is")
    return row


def _known(row: dict[str, Any], number: int, unknown: dict[str, int]) -> dict[str, Any]:
    """The fields that we know and that say something; notes in `unknown` where another was met first."""
    for field in row.keys() - Question.model_fields.keys():
        unknown.setdefault(field, number)
    known = {field: row[field] for field in Question.model_fields if row.get(field) is not None}
    if isinstance(known.get("id"), int):
        known["id"] = str(known["id"])
    return known


def _question(path: Path, number: int, fields: dict[str, Any]) -> Question:
    try:
        return Question.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "row"
        raise BadQuestions(f"{path}, line {number}, field {field}: {first['msg']}") from error
