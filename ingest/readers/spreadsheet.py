"""Spreadsheets (XLSX, XLS, XLSB, ODS): every sheet a heading and a page, rows that carry their headers.

The only import of python-calamine. Formulas are read as the values that were saved with them, and
macros not at all.
"""

import io
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
from ingest.readers.draft import Draft, one_line
from ingest.readers.package import DAMAGE, open_package
from ingest.readers.sheet_formats import PLAIN, SheetFormats, sheet_formats
from ingest.readers.sheet_tables import add_sheet

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
        formats = _formats(data)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number, sheet in enumerate(workbook.sheets_metadata, start=1):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                draft.page(number)
                _add(draft, workbook.get_sheet_by_name(sheet.name), formats.get(sheet.name, SheetFormats()))
    except PasswordError as error:
        raise EncryptedFile("the workbook needs a password", "save a copy without one") from error
    except (*DAMAGE, CalamineError) as error:
        raise CorruptFile("not a readable workbook", "open it in Excel and save it again") from error
    extract = draft.extract(PurePath(name).stem)
    if not extract.text:
        raise NoTextFound("the workbook holds no text", "pictures and hidden sheets are not read")
    return extract


def _formats(data: bytes) -> dict[str, SheetFormats]:
    """The number formats of an XLSX file. The other kinds tell of none."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return {}
    with open_package(data) as archive:
        formats = sheet_formats(archive) if "xl/workbook.xml" in archive.namelist() else {}
    for name, one in formats.items():
        if one.height * one.width > MAX_CELLS:
            raise FileTooLarge(
                f"sheet {name!r} spans {one.height} rows and {one.width} columns", "delete what stands far out"
            )
    return formats


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
    for row in rows[:height]:
        row[first:end] = [text] * len(row[first:end]) if is_head else [text, *row[first + 1 : end]]


def _shown(value: Value, formats: SheetFormats, place: tuple[int, int]) -> str:
    match value:
        case str():
            return one_line(value)
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return formats.around.get(place, PLAIN).shown(value)
        case datetime():
            return value.isoformat(" ", "minutes" if not value.second else "seconds")
        case time():
            return value.isoformat("minutes" if not value.second else "seconds")
        case timedelta():
            return str(value)
        case _:
            return value.isoformat()
