"""CSV and TSV: every row a block that can be read alone, `Plan: Basic; Price: 10 EUR`."""

import csv
import re
from collections import Counter
from itertools import islice
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, row_text
from ingest.readers.encoding import decode

DELIMITERS = ",;\t|"
SAMPLE_ROWS = 100
LONGEST_CELL = 4 * 1024 * 1024
NUMBER = re.compile(r"^[\s\d.,:%€$£+-]*$")


def read(data: bytes, name: str) -> Extract:
    """Read a table; the delimiter is sniffed, the first row gives the headers unless it is all numbers.

    Raises:
        CorruptFile: the content is not text, or a cell is longer than `LONGEST_CELL`.
    """
    text = decode(data).replace("\0", "")
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = _rows(text, _delimiter(text))
    except csv.Error as error:
        raise CorruptFile("not a readable table", "a quotation mark may be missing its twin") from error
    headers = rows.pop(0) if rows and not all(NUMBER.match(cell) for cell in rows[0]) else []
    draft = Draft()
    if not rows:
        draft.block(row_text(headers, (), "; "))
    for row in rows:
        draft.block(row_text(row, headers, "; "), tight=True)
    return draft.extract(PurePath(name).stem)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) if any(row)]


def _delimiter(text: str) -> str:
    """The delimiter that parts most of the first rows into the same number of columns."""
    lines = list(islice(iter(text.splitlines(keepends=True)), SAMPLE_ROWS))

    def regularity(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        widths.pop(1, None)
        width, rows = max(widths.items(), key=lambda item: item[1], default=(0, 0))
        return rows, width

    return max(DELIMITERS, key=regularity)
