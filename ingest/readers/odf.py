"""OpenDocument texts and presentations (ODT, ODP, and drawings): read from their XML, zipped or flat."""

import re
import zipfile
from collections import Counter
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.odf_text import NAMESPACES, UNSEEN, Styles, cells, odf, paragraph_text, table_rows
from ingest.readers.package import DAMAGE, open_package, tree
from ingest.readers.tree import Node

HEADING = re.compile(r"^Heading_20_([1-9])$")
INDEXES = frozenset({odf("text:table-of-content"), odf("text:tracked-changes"), odf("office:annotation")})
FURNITURE = frozenset({"header", "footer", "date-time", "page-number", "handout"})
DEEPEST = 8


def read(data: bytes, name: str) -> Extract:
    """Read a text or a presentation; every slide is a page, footnotes stand at the end.

    Hidden and deleted text, comments, page headers and tables of contents are left out.

    Raises:
        CorruptFile: truncated, damaged, or no OpenDocument.
        EncryptedFile: it needs a password.
        FileTooLarge: it unpacks to far more than its size.
        NoTextFound: it holds no text.
    """
    try:
        content, others = _parts(data)
        walk = _Walk(Styles([*others, content]))
        walk.document(content)
    except (*DAMAGE, StopIteration) as error:
        raise CorruptFile("not a readable OpenDocument file", "open it and save it again") from error
    title, *dates = (_about([*others, content], tag) for tag in ("dc:title", "dc:date", "meta:creation-date"))
    title = title or walk.draft.first_heading or PurePath(name).stem
    extract = walk.draft.extract(title, dated=day(dates))
    if not extract.text:
        raise NoTextFound("the document holds no text", "pictures are not read")
    return extract


def _parts(data: bytes) -> tuple[Node, list[Node]]:
    """The content, and the parts with styles and with the title. A flat file is all three in one."""
    if not data.startswith(b"PK"):
        return tree(data), []
    with open_package(data) as archive:
        if _is_encrypted(archive):
            raise EncryptedFile("the document needs a password", "save a copy without one")
        names = archive.namelist()
        others = [tree(archive.read(part)) for part in ("styles.xml", "meta.xml") if part in names]
        return tree(archive.read("content.xml")), others


def _is_encrypted(archive: zipfile.ZipFile) -> bool:
    if "META-INF/manifest.xml" not in archive.namelist():
        return False
    manifest = tree(archive.read("META-INF/manifest.xml"))
    return next(manifest.iter(odf("manifest:encryption-data")), None) is not None


def _about(roots: list[Node], tag: str) -> str:
    """What the document's properties say under `tag`. Comments have dates, too: only properties count."""
    for root in roots:
        for properties in root.iter(odf("office:meta")):
            found = properties.find(tag, NAMESPACES)
            return one_line((found is not None and found.text) or "")
    return ""


class _Walk:
    """One pass over a document in reading order, from its elements to blocks."""

    def __init__(self, styles: Styles) -> None:
        self.draft = Draft()
        self._styles = styles
        self._below_title = 0

    def document(self, root: Node) -> None:
        """Read the whole body.

        Raises:
            StopIteration: there is no body.
        """
        body = next(root.iter(odf("office:body")))
        for number, slide in enumerate(body.iter(odf("draw:page")), start=1):
            self.draft.page(number)
            self._blocks(slide)
            self._speaker_notes(slide)
        for text in body:
            if text.tag == odf("office:text"):
                self._blocks(text)
        for note in body.iter(odf("text:note-body")):
            self._blocks(note)

    def _blocks(self, container: Node) -> None:
        for child in container:
            if child.tag in INDEXES or child.tag == odf("presentation:notes") or self._styles.hides(child):
                continue
            if child.tag in {odf("text:p"), odf("text:h")}:
                self._paragraph(child)
            elif child.tag == odf("text:list"):
                self._list(child, child.get(odf("text:style-name")), 1)
            elif child.tag == odf("table:table"):
                self._table(child)
            elif child.get(odf("presentation:class")) in FURNITURE:
                continue
            elif child.get(odf("presentation:class")) == "title":
                self.draft.heading(1, self._words(child))
            else:
                self._blocks(child)

    def _paragraph(self, paragraph: Node, prefix: str = "") -> None:
        text = paragraph_text(paragraph, self._styles)
        if level := self._level(paragraph):
            self.draft.heading(level, text)
        elif text:
            self.draft.block(prefix + text, tight=bool(prefix))
        self._drawings(paragraph)

    def _drawings(self, element: Node) -> None:
        """Text boxes and shapes that are anchored in a paragraph."""
        for child in element:
            if child.tag in UNSEEN and str(child.tag).startswith(f"{{{NAMESPACES['draw']}}}"):
                self._blocks(child)
            elif child.tag not in UNSEEN:
                self._drawings(child)

    def _level(self, paragraph: Node) -> int:
        """The level of a heading, 0 for body text. Below a title all headings are one deeper."""
        style = self._styles.base(paragraph.get(odf("text:style-name")))
        if style == "Title":
            self._below_title = 1
            return 1
        marked = paragraph.get(odf("text:outline-level")) if paragraph.tag == odf("text:h") else None
        found = HEADING.match(style)
        level = marked or (found[1] if found else "0")
        return int(level) + self._below_title if level.isdecimal() and level != "0" else 0

    def _list(self, element: Node, style: str | None, level: int) -> None:
        """A list's items with their bullets or numbers. Lists without a style follow the one around them."""
        counts: Counter[int] = Counter()
        for item in element:
            start = item.get(odf("text:start-value")) or ""
            counts[level] = int(start[:9]) if start.isdecimal() else counts[level] + 1
            number = f"{counts[level]}. " if self._styles.counts(style, min(level, 10)) else "- "
            prefix = f"{'  ' * (min(level, DEEPEST) - 1)}{number}"
            for child in item:
                if child.tag == odf("text:list"):
                    self._list(child, child.get(odf("text:style-name")) or style, level + 1)
                elif child.tag in {odf("text:p"), odf("text:h")}:
                    self._paragraph(child, prefix)
                    prefix = " " * len(prefix)

    def _table(self, table: Node) -> None:
        grid = list(cells(table))
        if all(len(row) <= 1 for row in grid):  # a frame around text
            for row in grid:
                for cell in row:
                    self._blocks(cell)
            return
        rows, heads = table_rows(table, self._styles)
        if 0 < heads < len(rows):
            self.draft.table(rows[heads:], rows[heads - 1])
        else:
            self.draft.table(*split_header(rows))

    def _speaker_notes(self, slide: Node) -> None:
        for notes in slide.iter(odf("presentation:notes")):
            if text := self._words(notes):
                self.draft.block(f"Notes: {text}")

    def _words(self, element: Node) -> str:
        texts = (paragraph_text(p, self._styles) for p in element.iter(odf("text:p"), odf("text:h")))
        return "\n".join(filter(None, texts))
