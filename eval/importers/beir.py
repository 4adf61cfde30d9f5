"""BEIR folders (Thakur et al., 2021) → questions whose `documents` are the ids of the relevant ones.

`queries.jsonl` holds `{"_id","text"}` a line; the relevance judgements stand in `qrels.tsv`, `qrels.jsonl` or
`qrels/test.tsv` (else `dev`, `train`). Judgements of 0 or less are not relevant; queries without any are left
out, as BEIR's own evaluation leaves them out.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from eval.dataset import Question, json_lines
from eval.errors import BadQuestions
from eval.importers.rows import Row

JUDGED = ("qrels.tsv", "qrels.jsonl", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv")
QUERY, DOCUMENT, SCORE = ("query-id", "query_id"), ("corpus-id", "corpus_id"), "score"


def read(path: Path) -> list[Question]:
    """The judged queries of a folder.

    Raises:
        BadQuestions: a file is missing or wrong; names file, line and column.
    """
    relevant: dict[str, list[str]] = defaultdict(list)
    for row in _judgements(path):
        if _score(row) > 0:
            relevant[row.text(*QUERY)].append(row.text(*DOCUMENT))
    queries = path / "queries.jsonl"
    asked = [Row(f"{queries}, line {number}", fields) for number, fields in json_lines(queries)]
    return [
        _question(row, relevant[row.text("_id", "id")]) for row in asked if row.text("_id", "id") in relevant
    ]


def _question(row: Row, documents: list[str]) -> Question:
    return row.question(
        id=row.text("_id", "id"), question=row.text("text"), documents=tuple(documents), source="beir"
    )


def _judgements(folder: Path) -> Iterator[Row]:
    file = next((folder / name for name in JUDGED if (folder / name).exists()), None)
    if file is None:
        raise BadQuestions(f"{folder}: no relevance judgements; BEIR keeps them in {', '.join(JUDGED)}")
    if file.suffix == ".jsonl":
        lines = ((number, {k: str(v) for k, v in fields.items()}) for number, fields in json_lines(file))
        yield from (Row(f"{file}, line {number}", fields) for number, fields in lines)
        return
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines_of_file:
            reader = csv.DictReader(lines_of_file, delimiter="\t")
            yield from (Row(f"{file}, line {reader.line_num}", dict(fields)) for fields in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadQuestions(f"{file}: cannot be read: {error}") from error


def _score(row: Row) -> float:
    told = row.fields.get(SCORE, "1")
    try:
        return float(told)
    except (TypeError, ValueError) as error:
        raise BadQuestions(f"{row.place}, column {SCORE}: {told!r} is not a number") from error
