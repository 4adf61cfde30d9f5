"""RTF: paragraphs, headings by outline level, tables (the only import of striprtf).

Striprtf gives plain text and knows code pages. What it does not tell apart is marked for it beforehand
with private characters, which come out in their places. Hidden text it shows; pictures, page headers
and footnotes it leaves out.
"""

import re
from pathlib import PurePath

from striprtf.striprtf import rtf_to_text

from ingest.documents import Extract
from ingest.errors import CorruptFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line, split_header

HEX = re.compile(r"[0-9a-fA-F\r\n]{512,}")  # pictures and objects, which only cost time
PRIVATE = re.compile("[\ue000-\uf8ff]")
OUTLINE = re.compile(r"\\outlinelevel([0-8])(?!\d) ?")
CELL = re.compile(r"\\cell(?![a-z]) ?")
ROW = re.compile(r"\\row(?![a-z]) ?")
ROW_START = re.compile(r"\\trowd(?![a-z]) ?")
LEVEL, CELL_END, ROW_END, ROW_BEGIN = 0xE000, 0xE010, 0xE011, 0xE012
TITLE = re.compile(r"\{\\title ([^{}]{1,1000})\}")
ITEM = re.compile(r"^([•·▪◦§*-]|\(?(\d{1,3}|[a-zA-Z])[.)])\t *")
DATE = r"\{\\%s\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})"
DATES = (re.compile(DATE % "revtim"), re.compile(DATE % "creatim"))
FAULTS = (ValueError, LookupError, TypeError)


def read(data: bytes, name: str) -> Extract:
    """Read a document in Rich Text Format.

    Raises:
        CorruptFile: it is no RTF, or damaged.
        NoTextFound: it holds no text.
    """
    source = PRIVATE.sub("", data.decode("cp1252", "replace"))
    if not source.lstrip().startswith("{\\rtf"):
        raise CorruptFile("not a readable RTF document", "open it in Word and save it as .docx")
    draft = Draft()
    try:
        text = _plain(_marked(source))
        title = TITLE.search(source)
        title_text = one_line(_plain(f"{{\\rtf1 {title[1]}}}")) if title else ""
    except FAULTS as error:
        raise CorruptFile("the RTF document is damaged", "open it in Word and save it as .docx") from error
    *rows, rest = text.split(chr(ROW_END))
    table: list[list[str]] = []
    for row in rows:
        before, _, cells = row.partition(chr(ROW_BEGIN))
        if before.strip():
            _add_table(draft, table)
            table = []
            _add_text(draft, before)
        table.append([_cell(cell) for cell in cells.split(chr(CELL_END))[:-1]])
    _add_table(draft, table)
    _add_text(draft, rest)
    found = (date.search(source) for date in DATES)
    dated = day("{:0>4}-{:0>2}-{:0>2}".format(*date.groups()) for date in found if date)
    extract = draft.extract(title_text or draft.first_heading or PurePath(name).stem, dated=dated)
    if not extract.text:
        raise NoTextFound("the document holds no text", "pictures are not read")
    return extract


def _marked(source: str) -> str:
    """The source with characters of ours where headings, cells and rows are."""
    source = HEX.sub(" ", source)
    source = OUTLINE.sub(lambda found: found[0] + _sign(LEVEL + int(found[1])), source)
    source = CELL.sub(lambda _: _sign(CELL_END), source)
    source = ROW.sub(lambda _: _sign(ROW_END), source)
    return ROW_START.sub(lambda _: r"\trowd" + _sign(ROW_BEGIN), source)


def _sign(code: int) -> str:
    """A character of ours, followed by the one that old readers would show in its place."""
    return rf"{{\uc1\u{code} ?}}"


def _plain(source: str) -> str:
    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]  # striprtf has no types
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _cell(text: str) -> str:
    lines = (one_line(PRIVATE.sub("", line)) for line in text.split("\n"))
    return "; ".join(filter(None, lines))


def _add_table(draft: Draft, rows: list[list[str]]) -> None:
    rows = [row for row in rows if any(row)]
    if rows and all(len(row) == len(rows[0]) for row in rows):
        draft.table(*split_header(rows))
    else:
        draft.table(rows, ())


def _add_text(draft: Draft, text: str) -> None:
    for line in text.split("\n"):
        level = next((ord(sign) - LEVEL + 1 for sign in line if LEVEL <= ord(sign) < LEVEL + 9), 0)
        words = PRIVATE.sub("", line).strip("\t ")
        if level:
            draft.heading(level, words)
        else:
            is_item = bool(ITEM.match(words))
            draft.block(ITEM.sub(r"\1 ", words), tight=is_item)
