"""CSV and TSV files whose columns are named as our fields → questions.

Several values in a cell (`answers`, `documents`, `history`, `groups`, `forbidden`) stand apart by `|`. Empty
cells say nothing. `evidence` has no place in a cell.
"""

import hashlib
import json
from pathlib import Path

from eval.dataset import Question
from eval.errors import BadQuestions
from eval.importers.rows import Row, rows

SEVERAL = {"answers", "documents", "history", "groups", "forbidden"}
YES_OR_NO = {"answerable", "reviewed"}
SPELT = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
COLUMNS = Question.model_fields.keys() - {"evidence"}


def read(path: Path) -> list[Question]:
    """The questions of a file; a row without an `id` is named after what it says. Raises `BadQuestions`."""
    return [_question(row) for row in rows(path)]


def _question(row: Row) -> Question:
    row.text("question")
    unknown = sorted(row.fields.keys() - COLUMNS)
    if unknown:
        known = ", ".join(sorted(COLUMNS))
        raise BadQuestions(f"{row.place}: no field is named {unknown[0]!r}; columns are {known}")
    fields = {name: _value(row, name, cell) for name, cell in row.fields.items()}
    # Not its number: the first rows of two files are two questions.
    name = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]
    return row.question(**({"id": f"csv-{name}", "source": "csv"} | fields))


def _value(row: Row, name: str, cell: str) -> str | bool | tuple[str, ...]:
    if name in SEVERAL:
        return tuple(part.strip() for part in cell.split("|") if part.strip())
    if name not in YES_OR_NO:
        return cell.strip()
    if cell.strip().lower() not in SPELT:
        raise BadQuestions(f"{row.place}, column {name}: {cell!r} is neither true nor false")
    return SPELT[cell.strip().lower()]
