"""What people see of OpenDocument's paragraphs, list labels and tables; its names and styles."""

from collections.abc import Iterator, Sequence

from ingest.readers.draft import one_line
from ingest.readers.tree import Node

NAMESPACES = {
    prefix: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
        ("presentation", "presentation"),
        ("manifest", "manifest"),
        ("meta", "meta"),
    )
} | {"dc": "http://purl.org/dc/elements/1.1/"}
WIDEST = 200  # columns; a cell repeated a million times is an attack or an empty rest
DEEPEST_STYLE = 10  # styles may be based on each other in a ring


def odf(name: str) -> str:
    """The full name of an element or attribute: `odf("text:p")`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


# Notes, comments and drawings are read apart; deleted and hidden text not at all.
UNSEEN = frozenset(
    odf(name)
    for name in (
        *("text:note", "office:annotation", "text:tracked-changes", "text:hidden-text", "text:script"),
        *("text:ruby-text", "draw:frame", "draw:g", "draw:custom-shape", "draw:rect", "draw:ellipse"),
        *("draw:line", "draw:connector", "draw:polygon", "draw:path", "draw:polyline", "draw:a"),
    )
)
CHARACTERS = {odf("text:tab"): " ", odf("text:line-break"): "\n", odf("text:s"): " "}


class Styles:
    """The styles of one document: on what each is based, which hide their text, which lists count.

    `roots` are the trees of the document's parts, the more special one last.
    """

    def __init__(self, roots: Sequence[Node]) -> None:
        self._parents: dict[str | None, str | None] = {}
        self._hidden: set[str | None] = set()
        self._numbered: set[tuple[str | None, str | None]] = set()
        for root in roots:
            for style in root.iter(odf("style:style")):
                self._add(style)
            for lists in root.iter(odf("text:list-style")):
                for level in lists.iter(odf("text:list-level-style-number")):
                    if level.get(odf("style:num-format")):
                        self._numbered.add((lists.get(odf("style:name")), level.get(odf("text:level"))))

    def base(self, name: str | None) -> str:
        """The named style below one that was made for a single paragraph (`P1` → `Heading_20_1`)."""
        for _ in range(DEEPEST_STYLE):
            parent = self._parents.get(name)
            if not parent or name in {"Title", "Subtitle"} or (name or "").startswith("Heading_20_"):
                break
            name = parent
        return name or ""

    def hides(self, element: Node) -> bool:
        """Whether an element's style hides it."""
        name = element.get(odf("text:style-name"))
        return name in self._hidden or element.get(odf("text:display")) == "none"

    def counts(self, style: str | None, level: int) -> bool:
        """Whether items at `level` (from 1) of a list style are numbered, and not marked by bullets."""
        return (style, str(level)) in self._numbered

    def _add(self, style: Node) -> None:
        name = style.get(odf("style:name"))
        self._parents[name] = style.get(odf("style:parent-style-name"))
        looks = style.find("style:text-properties", NAMESPACES)
        if looks is not None and looks.get(odf("text:display")) == "none":
            self._hidden.add(name)


def paragraph_text(paragraph: Node, styles: Styles) -> str:
    """The words of a paragraph; line breaks stay."""
    return "".join(_texts(paragraph, styles)).strip()


def table_rows(table: Node, styles: Styles) -> tuple[list[list[str]], int]:
    """Rows of cell texts, merged cells repeated; and how many of them are marked as headers."""
    rows: list[list[str]] = []
    heads = 0
    spans: dict[int, tuple[int, str]] = {}
    for row, is_head in _rows(table, is_head=False):
        rows.append(_line(row, spans, styles))
        heads += is_head and heads == len(rows) - 1
    if not heads and table.get(odf("table:use-first-row-styles")) == "true":
        heads = 1
    return rows, heads


def cells(table: Node) -> Iterator[list[Node]]:
    """The cells of each row that are not covered by others."""
    for row, _ in _rows(table, is_head=False):
        yield [cell for cell in row if cell.tag == odf("table:table-cell")]


def _texts(element: Node, styles: Styles) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag in CHARACTERS:
            yield CHARACTERS[child.tag]
        elif isinstance(child.tag, str) and child.tag not in UNSEEN and not styles.hides(child):
            yield from _texts(child, styles)
        yield child.tail or ""


def _rows(table: Node, *, is_head: bool) -> Iterator[tuple[Node, bool]]:
    for child in table:
        if child.tag == odf("table:table-row"):
            yield child, is_head
        elif child.tag == odf("table:table-header-rows"):
            yield from _rows(child, is_head=True)
        elif child.tag in {odf("table:table-rows"), odf("table:table-row-group")}:
            yield from _rows(child, is_head=is_head)


def _line(row: Node, spans: dict[int, tuple[int, str]], styles: Styles) -> list[str]:
    """One row's texts. `spans` holds, by column, for how many more rows a text goes on."""
    line: list[str] = []
    for cell in row:
        if cell.tag not in {odf("table:table-cell"), odf("table:covered-table-cell")}:
            continue
        covered = cell.tag == odf("table:covered-table-cell")
        text = cell_text(cell, styles)
        for _ in range(min(_count(cell, "table:number-columns-repeated"), WIDEST - len(line))):
            column = len(line)
            left, above = spans.pop(column, (0, ""))
            if covered and left:
                spans[column] = (left - 1, above)
                line.append(above)
            else:
                line.append(line[-1] if covered and line else text)
                if (rows := _count(cell, "table:number-rows-spanned")) > 1:
                    spans[column] = (rows - 1, text)
    return line


def cell_text(cell: Node, styles: Styles) -> str:
    """A cell's words on one line; its paragraphs are parted by semicolons."""
    kinds = (odf("text:p"), odf("text:h"))
    return "; ".join(filter(None, (one_line(paragraph_text(p, styles)) for p in cell.iter(*kinds))))


def _count(element: Node, name: str) -> int:
    value = element.get(odf(name)) or "1"
    return max(1, min(int(value), WIDEST)) if value.isdecimal() else 1
