"""Tables of HTML: which are data, and their cells as a grid of text."""

from collections.abc import Iterator
from itertools import zip_longest

from ingest.readers.draft import one_line
from ingest.readers.tree import Node

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS_IN_LAYOUT = HEADINGS | {"table", "article", "section", "form", "pre"}
PARTED = frozenset({"br", "p", "div", "li", "dd", "dt", "ul", "ol"})
WIDEST = 200  # columns; a colspan of a million is an attack, not a table


def is_layout(table: Node) -> bool:
    """Whether a table only arranges a page: its cells are then read as text, not as data."""
    if table.get("role") in {"presentation", "none"}:
        return True
    if any(inner is not table and inner.tag in BLOCKS_IN_LAYOUT for inner in table.iter()):
        return True
    return all(len(cells) <= 1 and cells[0].tag != "th" for cells in _rows(table))


def grid(table: Node) -> tuple[list[list[str]], list[str]]:
    """The body rows of a data table as text, and one header a column (none: an empty list).

    Cells that span columns or rows are repeated, and several header rows become one.
    """
    heads: list[list[str]] = []
    rows: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}
    for cells in _rows(table):
        line = _place(cells, spans)
        is_head = not rows and (all(cell.tag == "th" for cell in cells) or _in_head(cells[0]))
        if is_head and any(line):
            heads.append([cell.replace(";", "") for cell in line])
        else:
            rows.append(_keyed(cells, line) if not heads else line)
    columns = zip_longest(*heads, fillvalue="")  # of one header row or of several
    return rows, [" ".join(dict.fromkeys(filter(None, column))) for column in columns]


def cell_text(cell: Node) -> str:
    """A cell's words on one line; what stood on lines of its own is parted by semicolons."""
    parts: list[str] = []
    for element in cell.iter():
        if element is not cell and element.tag in PARTED:
            parts.append("\n")
        parts.append(element.text or "")
        if element is not cell:
            if element.tag in PARTED:
                parts.append("\n")
            parts.append(element.tail or "")
    lines = (one_line(line) for line in "".join(parts).split("\n"))
    return "; ".join(filter(None, lines))


def _rows(table: Node) -> Iterator[list[Node]]:
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        if cells:
            yield cells


def _in_head(cell: Node) -> bool:
    row = cell.getparent()
    section = None if row is None else row.getparent()
    return section is not None and section.tag == "thead"


def _place(cells: list[Node], spans: dict[int, tuple[int, str]]) -> list[str]:
    """One row of the grid. `spans` holds, by column, the rows still to fill and with what text."""
    line: list[str] = []

    def fill_spans() -> None:
        while len(line) in spans:
            left, text = spans.pop(len(line))
            if left > 1:
                spans[len(line)] = (left - 1, text)
            line.append(text)

    for cell in cells:
        fill_spans()
        text = cell_text(cell)
        for _ in range(min(_span(cell, "colspan"), WIDEST - len(line))):
            if (left := _span(cell, "rowspan")) > 1:
                spans[len(line)] = (left - 1, text)
            line.append(text)
    fill_spans()
    return line


def _keyed(cells: list[Node], line: list[str]) -> list[str]:
    """A row of `th` and one `td` in a table without headers reads `key: value`."""
    if len(cells) == 2 and cells[0].tag == "th" and cells[1].tag == "td":  # noqa: PLR2004  # a pair
        return [": ".join(filter(None, (line[0].rstrip(":"), line[-1])))]
    return line


def _span(cell: Node, name: str) -> int:
    value = cell.get(name) or "1"
    return max(1, min(int(value), WIDEST)) if value.isascii() and value.isdigit() else 1
