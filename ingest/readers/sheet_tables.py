"""Tables of a spreadsheet's sheet: where they lie in its grid, their titles and their headers.

Works on the texts of cells alone; knows nothing of the library that read the file.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.readers.draft import LONGEST_HEADER, PAIR, Draft, row_text

NUMBER = re.compile(r"^[\s\d.,:%€$£+-]*$")
YEAR = re.compile(r"^(19|20)\d\d$")
DIGIT = re.compile(r"\d")
LONGEST_TITLE = 100

Rows = Sequence[Sequence[str]]


def add_sheet(draft: Draft, rows: Rows) -> None:
    """Add what stands in a sheet: titles as headings of level 2, each row with its table's headers.

    Rows without any text part tables from each other. A table that goes on below an empty row, such as
    its sum, keeps its headers.
    """
    headers: Sequence[str] = ()
    regions = list(_regions(rows))
    for number, region in enumerate(regions, start=1):
        if _is_title(region) and number < len(regions):
            draft.heading(2, _filled(region[0])[0])
            headers = ()
        else:
            headers = _add_region(draft, region, headers)


def _regions(rows: Rows) -> Iterator[Rows]:
    """The bands between empty rows, those with tables side by side cut apart."""
    for empty, band in groupby(rows, key=lambda row: not any(row)):
        if not empty:
            yield from _side_by_side(list(band))


def _side_by_side(band: Rows) -> list[Rows]:
    """Parts with an empty column between them, where each has headers of its own; else all as one."""
    used = [any(row[column] for row in band) for column in range(len(band[0]))]
    spans = [[place for place, _ in run] for full, run in groupby(enumerate(used), lambda it: it[1]) if full]
    parts = [[row[span[0] : span[-1] + 1] for row in band] for span in spans]
    parts = [[row for row in part if any(row)] for part in parts]
    if len(parts) > 1 and all(map(_header_depth, parts)):
        return list(parts)
    return [band]


def _add_region(draft: Draft, region: Rows, above: Sequence[str]) -> Sequence[str]:
    """Add one table, which may go on under the headers `above` it; return its headers."""
    while len(region) > 1 and _is_title(region[:1]) and len(_filled(region[1])) > 1:
        draft.heading(2, _filled(region[0])[0])
        region, above = region[1:], ()
    if depth := _header_depth(region):
        columns = zip(*region[:depth], strict=True)
        headers: Sequence[str] = [" ".join(dict.fromkeys(filter(None, column))) for column in columns]
        region = region[depth:]
    else:
        headers = above if _continues(region, above) else ()
    for index, row in enumerate(region):
        alone = len(_filled(row)) == 1  # a label between rows, or a note below them
        draft.block(row_text(row, () if alone else headers), tight=index > 0)
    return headers


def _continues(region: Rows, headers: Sequence[str]) -> bool:
    """Whether every column of a table stands below one of `headers`."""
    columns = _columns(region)
    if len(columns) != len(headers):
        return False
    return all(head or not used for head, used in zip(headers, columns, strict=True))


def _is_title(region: Rows) -> bool:
    """One short text alone in its row."""
    texts = _filled(region[0])
    alone = len(region) == len(texts) == 1
    return alone and len(texts[0]) <= LONGEST_TITLE and not _is_number(texts[0])


def _header_depth(region: Rows) -> int:
    """How many rows at the top are headers: one, or two below cells that span columns; else none."""
    if _has_header(region):
        return 1
    texts = _filled(region[0])
    return 2 if len(set(texts)) < len(texts) and _has_header(region[1:]) else 0


def _has_header(region: Rows) -> bool:
    """Whether the first row names columns: short different texts or years, over at least one row.

    Two columns are more often `key | value` pairs: there the values below must have digits and the
    header none.
    """
    first = _filled(region[0])
    width = sum(_columns(region))
    if len(region) < PAIR or len(first) < max(PAIR, width / 2) or len(set(first)) < len(first):
        return False
    if any(_is_number(text) or len(text) > LONGEST_HEADER for text in first) or all(map(YEAR.match, first)):
        return False
    if width > PAIR:
        return True
    values = [_filled(row)[1] for row in region[1:] if len(_filled(row)) == PAIR]
    return bool(values) and not DIGIT.search(first[1]) and all(map(DIGIT.search, values))


def _columns(region: Rows) -> list[bool]:
    return [any(row[column] for row in region) for column in range(len(region[0]))]


def _filled(row: Sequence[str]) -> list[str]:
    return [text for text in row if text]


def _is_number(text: str) -> bool:
    return bool(NUMBER.match(text)) and not YEAR.match(text)
