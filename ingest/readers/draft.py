"""Draft: an Extract under construction, filled by a reader in reading order."""

import re
from collections.abc import Sequence

from ingest.documents import Extract, Mark, Member

SPACES = re.compile(r"\s+")
BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
DIGIT = re.compile(r"\d")
LONGEST_HEADER = 60
PAIR = 2


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return SPACES.sub(" ", text).strip()


def row_text(cells: Sequence[str], headers: Sequence[str], separator: str = " | ") -> str:
    """A table row that can be read alone: `Plan: Basic | Price: 10 EUR`. Empty cells are left out."""
    parts = []
    for column, cell in enumerate(cells):
        value = one_line(cell)
        header = one_line(headers[column]) if column < len(headers) else ""
        if value:
            parts.append(f"{header.rstrip(':')}: {value}" if header else value)
    return separator.join(parts)


def split_header(rows: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Part the rows of an unmarked table from its headers, where the first row reads like headers.

    Headers are short, different and without digits. Two columns are more often `key | value` pairs:
    there every value below must hold a digit ("Plan | Price" over "Basic | 10 EUR").
    """
    first, rest = (rows[0], rows[1:]) if rows else ([], [])
    short = all(cell and len(cell) <= LONGEST_HEADER and not DIGIT.search(cell) for cell in first[1:])
    short = short and not DIGIT.search("".join(first[:1]))  # above row names the corner may be empty
    if not rest or len(first) < PAIR or not short or len(set(first)) < len(first):
        return rows, []
    priced = len(rest) > 1 and all(len(row) == PAIR and DIGIT.search(row[1]) for row in rest)
    if len(first) == PAIR and not priced:
        return rows, []
    return rest, first


class Draft:
    """Text, marks and blocks that grow together, so that offsets are right by construction.

    Blocks are parted by a blank line, `tight` ones (further rows of a table, items of a list) from
    their predecessor by one line break.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._pending_page: int | None = None
        self._marks: list[Mark] = []
        self._blocks: list[tuple[int, int]] = []

    @property
    def first_heading(self) -> str:
        """The title of the highest heading that comes first, or an empty string."""
        headings = [mark for mark in self._marks if mark.level]
        return min(headings, key=lambda mark: mark.level).title if headings else ""

    def page(self, number: int) -> None:
        """Say that what follows stands on page `number` (from 1)."""
        self._pending_page = number

    def heading(self, level: int, title: str) -> None:
        """Add a heading of `level` 1-6 as a line of text and a mark."""
        title = one_line(title)
        if title:
            start = self.block(title)
            self._marks.append(Mark(start, min(max(level, 1), 6), title))

    def block(self, text: str, *, tight: bool = False) -> int:
        """Add a span that should stay whole; return where it begins. Blank text adds nothing."""
        text = text.strip("\n").rstrip()
        if not text:
            return self._length
        if self._parts:
            self._push("\n" if tight else "\n\n")
        start = self._length
        if self._pending_page is not None:
            self._marks.append(Mark(start, page=self._pending_page))
            self._pending_page = None
        self._push(text)
        self._blocks.append((start, self._length))
        return start

    def paragraphs(self, text: str) -> None:
        """Add the parts of `text` between blank lines as blocks."""
        for paragraph in BLANK_LINES.split(text):
            self.block(paragraph)

    def table(self, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> None:
        """Add each row as a block that carries its headers. A table of headers alone is one row."""
        if not rows and headers:
            rows, headers = [headers], ()
        for index, row in enumerate(rows):
            self.block(row_text(row, headers), tight=index > 0)

    def extract(
        self,
        title: str,
        members: tuple[Member, ...] = (),
        *,
        dated: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Extract:
        """Finish: what was added, under `title`."""
        text, marks, blocks = "".join(self._parts), tuple(self._marks), tuple(self._blocks)
        return Extract(one_line(title), text, marks, blocks, members, dated, notes)

    def _push(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
