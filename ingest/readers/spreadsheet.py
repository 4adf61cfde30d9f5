"""Spreadsheets (XLSX, XLS, XLSB, ODS): every sheet a heading and a page, rows that carry their headers.

The only import of python-calamine. Formulas are read as the values that were saved with them, and
macros not at all.
"""

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import PurePath

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line
from ingest.readers.package import DAMAGE, open_package, properties
from ingest.readers.sheet_formats import PLAIN, SheetFormats, sheet_formats
from ingest.readers.sheet_tables import add_sheet

NO_SECONDS = re.compile(r"(\d\d:\d\d):00$")
MAX_CELLS = 20_000_000  # of one sheet, the empty ones among them; each costs a few bytes while it is read
MOST_MERGED = 1_000  # cells; wider ones are frames and no headers

Value = int | float | str | bool | time | date | datetime | timedelta


def read(data: bytes, name: str) -> Extract:
    """Read a workbook. Hidden sheets and comments are left out.

    Raises:
        CorruptFile: truncated, damaged, or no workbook.
        EncryptedFile: it needs a password.
        FileTooLarge: it unpacks to far more than its size, or a sheet spans too many cells.
        NoTextFound: no sheet holds anything.
    """
    draft = Draft()
    try:
        formats, dated = _about(data)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number, sheet in enumerate(workbook.sheets_metadata, start=1):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                draft.page(number)
                _add(draft, workbook.get_sheet_by_name(sheet.name), formats.get(sheet.name, SheetFormats()))
    except PasswordError as error:
        raise EncryptedFile("the workbook needs a password", "save a copy without one") from error
    except (*DAMAGE, CalamineError) as error:
        raise CorruptFile("not a readable workbook", "open it in Excel and save it again") from error
    hidden = sum(sheet.visible != SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata)
    notes = (f"hidden sheets were left out: {hidden}",) if hidden else ()
    extract = draft.extract(PurePath(name).stem, dated=dated, notes=notes)
    if not extract.text:
        raise NoTextFound("the workbook holds no text", "pictures and hidden sheets are not read")
    return extract


def _about(data: bytes) -> tuple[dict[str, SheetFormats], str | None]:
    """The number formats of an XLSX file, by sheet, and the day of that or an ODS file."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return {}, None
    with open_package(data) as archive:
        formats = sheet_formats(archive) if "xl/workbook.xml" in archive.namelist() else {}
        dated = day(properties(archive, tag) for tag in ("modified", "date", "created", "creation-date"))
    for one in formats.values():
        if one.height * one.width > MAX_CELLS:
            extent = f"a sheet spans {one.height} rows and {one.width} columns"
            raise FileTooLarge(extent, "delete what stands far outside its tables")
    return formats, dated


def _add(draft: Draft, sheet: CalamineSheet, formats: SheetFormats) -> None:
    left = sheet.start[1] if sheet.start else 0
    rows = [
        [_shown(cell, formats, (row, column)) for column, cell in enumerate(cells, start=left)]
        for row, cells in enumerate(sheet.iter_rows())
    ]
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        _repeat(rows[top : bottom + 2], bottom + 1 - top, first - left, last + 1 - left)
    if any(map(any, rows)):
        draft.heading(1, sheet.name)
        add_sheet(draft, rows)


def _repeat(rows: list[list[str]], height: int, first: int, end: int) -> None:
    """Write what a merged cell holds, `height` rows from the first of `rows` on, into what it covers.

    Down its first column always, to the right only above columns that have texts of their own: there it
    is a header.
    """
    if not rows or height > MOST_MERGED or first >= len(rows[0]):
        return
    text = rows[0][first]
    is_head = len(rows) > height and len(list(filter(None, rows[height][first:end]))) > 1
    is_head = is_head and any(rows[0][:first] + rows[0][end:])  # alone in its row it is a title
    for row in rows[:height]:
        row[first:end] = [text] * len(row[first:end]) if is_head else [text, *row[first + 1 : end]]


def _shown(value: Value, formats: SheetFormats, place: tuple[int, int]) -> str:
    """A cell as people read it."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return formats.around.get(place, PLAIN).shown(value)
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return NO_SECONDS.sub(r"\1", text)
