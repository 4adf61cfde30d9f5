"""What stands in a document: sentences under their headings, and the rows of tables, each with its place.

Rows are those that our readers write: `Column: value; Column: value` of CSV files, and `Column: value | ...`
of other tables. Read from the cleaned text alone, so that all offsets count its characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eval.corpus import Source

_BLOCK = re.compile(r"(?:[^\n]+(?:\n|\Z))+")
_CELL = re.compile(r"(?P<name>[A-Z][^:;|]{0,40}): ")
_BULLET = re.compile(r"\s*(?:[-*•]|\d+\.) ")
_MAIL = re.compile(r"(?:From|To|Cc|Date|Subject|>)\b|>")
_END = re.compile(r"[.!?][\"”)]*(?=\s+[\"“(]?[A-ZÀ-Þ0-9]|\s*\Z)")
_ABBREVIATED = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|no|No|vs|approx|etc|e\.g|i\.e)|\b[A-Z])\.$")
_LONGEST_HEADING = 80


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as one line, without its full stop; `start` and `end` are its place in the document."""

    source: Source
    heading: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells by column, and its place in the document."""

    source: Source
    cells: dict[str, str]
    start: int
    end: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.cells)


def sentences(source: Source) -> Iterator[Sentence]:
    """The sentences of running text. Headings, rows and the heads of e-mails are none."""
    heading = ""
    for start, text in _units(source.text):
        if _is_heading(text):
            heading = text.strip()
        elif not _cells(text):
            yield from _sentences(source, heading, start, text)


def tables(source: Source) -> list[list[Row]]:
    """Runs of two rows or more with the same columns."""
    found: list[list[Row]] = []
    for start, text in _units(source.text):
        cells = _cells(text)
        if not cells:
            continue
        row = Row(source, cells, start, start + len(text.rstrip()))
        if found and found[-1][-1].columns == row.columns:
            found[-1].append(row)
        else:
            found.append([row])
    return [table for table in found if len(table) > 1]


def _units(text: str) -> Iterator[tuple[int, str]]:
    """Headings, list items, rows and paragraphs with their places. Paragraphs may span lines."""
    for block in _BLOCK.finditer(text):
        if _MAIL.match(block[0]):
            continue
        unit, start = "", block.start()
        for line in block[0].splitlines(keepends=True):
            item_ends = _BULLET.match(unit) and not line[:1].isspace() and not line[:1].islower()
            if unit and (_BULLET.match(line) or _cells(line) or _cells(unit) or item_ends):
                yield start, unit
                start, unit = start + len(unit), ""
            unit += line
        yield start, unit


def _is_heading(text: str) -> bool:
    line = text.strip()
    return "\n" not in line and len(line) <= _LONGEST_HEADING and not line.endswith((".", "!", ":", ";"))


def _cells(line: str) -> dict[str, str]:
    """The cells of a row; none where the line is no row. A part that names no column belongs to the last."""
    if "\n" in line.strip() or not _CELL.match(line):
        return {}
    cells: dict[str, str] = {}
    name = ""
    mark = " | " if " | " in line else "; "
    for part in line.strip().split(mark):
        named = _CELL.match(part)
        if named and named["name"] not in cells:
            name = named["name"]
            cells[name] = part[named.end() :]
        else:
            cells[name] += mark + part
    return cells if len(cells) > 1 else {}


def _sentences(source: Source, heading: str, start: int, text: str) -> Iterator[Sentence]:
    bullet = _BULLET.match(text)
    begin = bullet.end() if bullet else 0
    for found in _END.finditer(text):
        if _ABBREVIATED.search(text[: found.start() + 1]):
            continue
        words = text[begin : found.start()]
        lead = len(words) - len(words.lstrip())
        if words.strip():
            place = start + begin + lead
            yield Sentence(source, heading, " ".join(words.split()), place, start + found.end())
        begin = found.end()
