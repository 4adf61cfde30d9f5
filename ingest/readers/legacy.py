"""Word and PowerPoint of 1997 to 2003 (DOC, PPT): headings, lists, tables, slides and notes.

The only import of office-oxide. Table cells of old slides come as paragraphs of their own.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from office_oxide import Document, OfficeOxideError

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line, split_header

SLIDES = "PowerPoint Document".encode("utf-16-le")  # the stream that only presentations have
WIDEST = 100  # columns that one cell may span

CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")  # field and picture marks of the old formats

Element = dict[str, Any]


def read(data: bytes, name: str) -> Extract:
    """Read an old Office file; every slide of a presentation is a page.

    Raises:
        CorruptFile: truncated, damaged, or of Word 95 and older.
        EncryptedFile: it needs a password.
        NoTextFound: it holds no text.
    """
    is_slides = SLIDES in data
    try:
        with Document.from_bytes(data, "ppt" if is_slides else "doc") as document:
            content = json.loads(document.to_ir_json())
    except OfficeOxideError as error:
        if "encrypted" in str(error):
            raise EncryptedFile("the document needs a password", "save a copy without one") from error
        kind = ".pptx" if is_slides else ".docx"
        raise CorruptFile("not a readable old Office file", f"open it and save it as {kind}") from error
    draft = Draft()
    for number, section in enumerate(content["sections"], start=1):
        if is_slides:
            draft.page(number)
        for element in section["elements"]:
            _add(draft, element)
        if notes := _words(section.get("speaker_notes") or []):
            draft.block(f"Notes: {notes}")
    about = content["metadata"]
    title = about.get("title") or draft.first_heading or PurePath(name).stem
    extract = draft.extract(title, dated=day((about.get("modified"), about.get("created"))))
    if not extract.text:
        raise NoTextFound("the document holds no text", "pictures are not read")
    return extract


def _add(draft: Draft, element: Element) -> None:
    match element["type"]:
        case "heading":
            draft.heading(element.get("level", 1), _words([element]))
        case "paragraph":
            draft.block(_words([element]))
        case "list":
            _add_items(draft, element, 0)
        case "table":
            rows = [list(_cells(row)) for row in element.get("rows", ())]
            draft.table(*split_header(rows))
        case _:  # pictures, breaks
            pass


def _add_items(draft: Draft, element: Element, depth: int) -> None:
    for number, item in enumerate(element.get("items", ()), start=1):
        prefix = f"{number}. " if element.get("ordered") else "- "
        if words := _words(item.get("content") or []):
            draft.block("  " * depth + prefix + words, tight=True)
        if nested := item.get("nested"):
            _add_items(draft, nested, depth + 1)


def _cells(row: Element) -> Iterator[str]:
    """The texts of a row's cells; one that spans columns is repeated."""
    for cell in row.get("cells", ()):
        text = one_line(_words(cell.get("content") or []).replace("\n", "; "))
        yield from [text] * min(cell.get("col_span") or 1, WIDEST)


def _words(elements: Sequence[Element]) -> str:
    """The words of paragraphs, each on its line."""
    lines = ("".join(_texts(element)).strip() for element in elements)
    return "\n".join(filter(None, lines))


def _texts(element: Element) -> Iterator[str]:
    if element.get("type") == "text":
        yield CONTROLS.sub("", element.get("text", ""))
    elif element.get("type") == "line_break":
        yield "\n"
    for part in element.get("content", ()):
        yield from _texts(part)
