"""Files of rows, JSON Lines or CSV, each row with its place for an error to name."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.dataset import Question, json_lines
from eval.errors import BadQuestions


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file and where it stands: `questions.csv, line 3`."""

    place: str
    fields: dict[str, Any]

    def text(self, *names: str) -> str:
        """The text under the first of `names` that the row has.

        Raises:
            BadQuestions: it has none of them, or no text there; names place and columns.
        """
        name = next((name for name in names if name in self.fields), None)
        if name is None:
            raise BadQuestions(f"{self.place}: no column {' or '.join(names)}; it has {self._columns()}")
        if not isinstance(self.fields[name], str) or not self.fields[name].strip():
            raise BadQuestions(f"{self.place}, column {name}: holds no text")
        return str(self.fields[name]).strip()

    def question(self, **fields: object) -> Question:
        """A question of the row. Raises `BadQuestions`, naming place and column."""
        try:
            return Question.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            column = ".".join(map(str, first["loc"]))
            raise BadQuestions(f"{self.place}, column {column}: {first['msg']}") from error

    def _columns(self) -> str:
        return ", ".join(self.fields) or "none"


def rows(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file, or of a CSV file with a head.

    Raises:
        BadQuestions: the file cannot be read; names it and the line.
    """
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _delimited(path)
    return (Row(f"{path}, line {number}", fields) for number, fields in json_lines(path))


def _delimited(path: Path) -> Iterator[Row]:
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter=delimiter, restkey="")
            for fields in reader:
                yield _row(f"{path}, line {reader.line_num}", fields)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadQuestions(f"{path}: cannot be read: {error}") from error


def _row(place: str, fields: dict[str, Any]) -> Row:
    if "" in fields:
        raise BadQuestions(f"{place}: more cells than the head has columns; quote the cells that hold commas")
    return Row(place, {name: cell for name, cell in fields.items() if cell})
