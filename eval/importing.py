"""Other people's test sets → ours: which importer takes a file, by what is in it or by name.

`jsonl` is our own layout, for files that others wrote in it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.dataset import Question, json_lines, read_dataset
from eval.errors import BadQuestions
from eval.importers import beir, delimited, feedback, ragas, squad

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its reader, and whether a file that has these fields in its first row is one of its."""

    name: str
    read: Callable[[Path], list[Question]]
    suits: Callable[[Path, Names], bool]


# Another format is one reader and one line here; of several that suit, the first.
FORMATS = (
    Format("squad", squad.read, lambda path, names: path.suffix == ".json" and "data" in names),
    Format("beir", beir.read, lambda path, _: (path / "queries.jsonl").exists()),
    Format("feedback", feedback.read, lambda _, names: {"question", "answers", "feedback"} <= names),
    Format("ragas", ragas.read, lambda _, names: _ragas(names)),
    Format("csv", delimited.read, lambda path, names: _delimited(path) and "question" in names),
    Format(
        "jsonl", read_dataset, lambda path, names: path.suffix == ".jsonl" and {"id", "question"} <= names
    ),
)
BY_NAME = {kind.name: kind for kind in FORMATS}


def load(path: Path, name: str | None = None) -> tuple[str, list[Question]]:
    """The format (by `name`, else by what is in the file) and the questions of a file or folder.

    Raises:
        BadQuestions: it cannot be told or read; or no question is in it, or an id occurs twice.
    """
    if not path.exists():
        raise BadQuestions(f"{path}: there is no such file or folder")
    kind = _named(name) if name else _detected(path)
    questions = kind.read(path)
    if not questions:
        raise BadQuestions(f"{path}: holds no question in the format {kind.name}")
    _check_ids(path, questions)
    return kind.name, questions


def _named(name: str) -> Format:
    if name not in BY_NAME:
        raise BadQuestions(f"no format {name!r}; use one of {', '.join(BY_NAME)}")
    return BY_NAME[name]


def _detected(path: Path) -> Format:
    names = Names() if path.is_dir() else _first_names(path)
    found = next((kind for kind in FORMATS if kind.suits(path, names)), None)
    if found is None:
        told = f" (its first row has {', '.join(sorted(names))})" if names else ""
        known = ", ".join(BY_NAME)
        raise BadQuestions(f"{path}: its format cannot be told{told}; give --format with one of {known}")
    return found


def _first_names(path: Path) -> Names:
    """The names in the first row: columns of a CSV file, else fields of the first object."""
    if _delimited(path):
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            mark = "\t" if path.suffix.lower() == ".tsv" else ","
            return Names(name.strip().strip('"') for name in lines.readline().split(mark))
    if path.suffix.lower() == ".json":
        return Names(_object(path))
    return Names(name for _, row in json_lines(path)[:1] for name in row)


def _object(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadQuestions(f"{path}: cannot be read as JSON: {error}") from error
    return data if isinstance(data, dict) else {}


def _delimited(path: Path) -> bool:
    return path.suffix.lower() in {".csv", ".tsv"}


def _ragas(names: Names) -> bool:
    return "user_input" in names or ("question" in names and bool({"ground_truth", "ground_truths"} & names))


def _check_ids(path: Path, questions: Sequence[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise BadQuestions(f"{path}: the id {question.id!r} occurs twice; ids name rows")
        seen.add(question.id)
