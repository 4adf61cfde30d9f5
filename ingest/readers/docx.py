"""Word (DOCX): paragraphs and tables in document order, headings by style."""

import io
import re
from collections.abc import Iterator
from pathlib import PurePath

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml

from ingest.documents import Extract
from ingest.errors import CorruptFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.docx_lists import ListNumbers
from ingest.readers.docx_text import boxes, children, paragraph_text
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.package import DAMAGE, usual
from ingest.readers.tree import NAMESPACES, Node, is_on, value, word

HEADING = re.compile(r"^heading ([1-9])$", re.IGNORECASE)


def read(data: bytes, name: str) -> Extract:
    """Read a Word document: tables as rows that carry their headers, footnotes at the end.

    Hidden and deleted text is left out, and so are comments, page headers and page footers.

    Raises:
        CorruptFile: truncated, damaged, or no Word document.
        FileTooLarge: it unpacks to far more than its size.
        NoTextFound: it holds no text.
    """
    try:
        document = docx.Document(io.BytesIO(usual(data)))
        extract = _Walk(document).extract(name)
    except (*DAMAGE, OpcError) as error:
        raise CorruptFile("not a readable Word document", "open it in Word and save it again") from error
    if not extract.text:
        raise NoTextFound("the document holds no text", "pictures are not read")
    return extract


class _Walk:
    """One pass over a document in reading order, from paragraphs and tables to blocks."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._draft = Draft()
        self._lists = ListNumbers(document.styles.element, next(self._parts("/numbering"), None))
        self._levels: dict[str | None, int] = {}
        self._below_title = 0

    def extract(self, name: str) -> Extract:
        self._blocks(self._document.element.body)
        for notes in self._parts("/footnotes"):
            for note in notes:
                if note.get(word("type")) is None:  # the others are separating lines
                    self._blocks(note)
        about = self._document.core_properties
        title = one_line(about.title or "") or self._draft.first_heading or PurePath(name).stem
        return self._draft.extract(title, dated=day((about.modified, about.created)))

    def _blocks(self, container: Node) -> None:
        for element in children(container):
            if element.tag == word("p"):
                self._paragraph(element)
            elif element.tag == word("tbl"):
                self._table(element)

    def _paragraph(self, paragraph: Node) -> None:
        text = paragraph_text(paragraph)
        if level := self._level(paragraph):
            self._draft.heading(level, text)
        elif text.strip():
            prefix = self._lists.prefix(paragraph)
            self._draft.block(prefix + text.strip(), tight=bool(prefix))
        for box in boxes(paragraph):
            self._blocks(box)

    def _level(self, paragraph: Node) -> int:
        """The heading level of a paragraph's style, 0 for body text."""
        style_id = value(paragraph, "w:pPr/w:pStyle")
        if style_id not in self._levels:
            self._levels[style_id] = self._style_level(style_id)
        return self._levels[style_id]

    def _style_level(self, style_id: str | None) -> int:
        style = next((s for s in self._document.styles if s.style_id == style_id), None)
        seen = 0
        while style is not None and seen < 10:  # noqa: PLR2004  # styles may be based on each other in a ring
            name = style.name or ""
            if name.lower() == "title":
                self._below_title = 1
                return 1
            if found := HEADING.match(name):
                return int(found[1]) + self._below_title
            style = getattr(style, "base_style", None)
            seen += 1
        return 0

    def _table(self, table: Node) -> None:
        rows = [
            row
            for row in children(table)
            if row.tag == word("tr") and row.find("w:trPr/w:del", NAMESPACES) is None
        ]
        cells = [[cell for cell in children(row) if cell.tag == word("tc")] for row in rows]
        if all(len(row) <= 1 for row in cells):  # a frame around text
            for row in cells:
                for cell in row:
                    self._blocks(cell)
            return
        grid = list(_grid(cells))
        if len(grid) > 1 and _has_header(table, rows):
            self._draft.table(grid[1:], grid[0])
        else:
            self._draft.table(*split_header(grid))

    def _parts(self, kind: str) -> Iterator[Node]:
        """The roots of the document's other parts whose relation ends with `kind`."""
        for relation in self._document.part.rels.values():
            if not relation.is_external and relation.reltype.endswith(kind):
                yield parse_xml(relation.target_part.blob)


def _grid(rows: list[list[Node]]) -> Iterator[list[str]]:
    """Rows of cell texts; a cell that spans columns or rows is repeated."""
    above: list[str] = []
    for row in rows:
        line: list[str] = []
        for cell in row:
            if value(cell, "w:tcPr/w:vMerge") in {"", "continue"} and len(line) < len(above):
                text = above[len(line)]
            else:
                texts = (one_line(paragraph_text(p)) for p in cell.iter(word("p")))
                text = "; ".join(filter(None, texts))
            span = value(cell, "w:tcPr/w:gridSpan") or "1"
            line.extend([text] * (min(int(span), 100) if span.isdecimal() else 1))
        above = line
        yield line


def _has_header(table: Node, rows: list[Node]) -> bool:
    """Whether the first row is marked as one, is set apart by the table's style, or alone is bold."""
    if is_on(rows[0], "w:trPr/w:tblHeader"):
        return True
    look = table.find("w:tblPr/w:tblLook", NAMESPACES)
    styled = value(table, "w:tblPr/w:tblStyle") not in {None, "TableGrid", "TableNormal"}
    if styled and look is not None and look.get(word("firstRow")) in {"1", "true", "on"}:
        return True
    return _is_bold(rows[0]) and not _is_bold(rows[1])


def _is_bold(row: Node) -> bool:
    runs = [run for run in row.iter(word("r")) if run.find("w:t", NAMESPACES) is not None]
    return bool(runs) and all(is_on(run, "w:rPr/w:b") for run in runs)
