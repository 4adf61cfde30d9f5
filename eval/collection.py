"""Test collections as public ones come: documents, questions, and what is relevant to which (qrels).

A folder of `corpus.jsonl` ({"_id","title","text"}), `queries.jsonl` ({"_id","text"}) and `qrels.jsonl`
({"query_id","corpus_id","score"}), each of them packed (`.gz`) or not. A question of a conversation may have
a `rewrite` that stands alone instead of a `text`. Grades are not told apart: above 0 is relevant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from eval.errors import BadQuestions
from eval.rails.texts import rows


class Entry(NamedTuple):
    """A document of a collection."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, the questions by id, and the names of the documents that are relevant to each of them."""

    name: str
    entries: tuple[Entry, ...]
    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The collection in `folder`. Documents without text, and questions without judgements, are left out.

        Raises:
            BadQuestions: a file cannot be read or lacks a field, or no question is left.
        """
        corpus, asked, judged = (_file(folder, name) for name in ("corpus", "queries", "qrels"))
        texts = [(_text(file, row, "_id"), row) for file, row in corpus]
        entries = tuple(
            Entry(name, row.get("title") or "", row["text"]) for name, row in texts if row.get("text")
        )
        relevant: dict[str, set[str]] = {}
        for file, row in judged:
            if row.get("score", 1) > 0:
                relevant.setdefault(_text(file, row, "query_id"), set()).add(_text(file, row, "corpus_id"))
        queries = {
            _text(file, row, "_id"): _text(file, row, "rewrite" if "rewrite" in row else "text")
            for file, row in asked
        }
        queries = {name: text for name, text in queries.items() if name in relevant}
        if not queries:
            raise BadQuestions(f"{folder}: no question has a relevant document; see its qrels.jsonl")
        return cls(folder.name, entries, queries, {name: frozenset(relevant[name]) for name in queries})


def collections(folder: Path) -> list[Collection]:
    """The collection in `folder`, or those in its folders, by name.

    Raises:
        BadQuestions: there is none, or one cannot be read.
    """
    folders = [folder, *sorted(folder.glob("*/"))]
    found = [Collection.read(each) for each in folders if (each / "qrels.jsonl").is_file()]
    if not found:
        raise BadQuestions(f"{folder}: no collection in it: a folder with corpus, queries and qrels.jsonl")
    return found


def _file(folder: Path, name: str) -> list[tuple[Path, dict[str, Any]]]:
    plain = folder / f"{name}.jsonl"
    file = plain if plain.exists() else folder / f"{name}.jsonl.gz"
    return [(file, row) for row in rows(file)]


def _text(file: Path, row: dict[str, Any], field: str) -> str:
    if not isinstance(row.get(field), str) or not row[field]:
        raise BadQuestions(f"{file}: a row without {field!r}, which has to be a text")
    return str(row[field])
