import io
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from python_calamine import PasswordError

from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.formats import detect
from ingest.readers import spreadsheet
from ingest.readers.sheet_formats import Around, around
from ingest.readers.spreadsheet import read
from tests.ingest.packages import BOMB, repacked, zipped

PRICES = (("Plan", "Price", "Users"), ("Basic", 10, 5), ("Pro", 25.5, 50))
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def workbook(*sheets):
    """A workbook of sheets, each a name and rows of cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                sheet.write_row(row, 0, cells)
    return target.getvalue()


def text_of(rows):
    """What is read of a sheet, without its name."""
    return read(workbook(("S", rows)), "book.xlsx").text.removeprefix("S\n\n")


def formatted(value, code):
    """How a cell with a number format reads."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("S").write(0, 0, value, book.add_format({"num_format": code}))
    return read(target.getvalue(), "book.xlsx").text.removeprefix("S\n\n")


def test_every_sheet_is_a_page_and_a_heading_and_rows_carry_their_headers():
    extract = read(workbook(("Prices", PRICES), ("Empty", ()), ("Cities", [("Bern",)])), "book.xlsx")
    assert extract.text == (
        "Prices\n\nPlan: Basic | Price: 10 | Users: 5\nPlan: Pro | Price: 25.5 | Users: 50\n\nCities\n\nBern"
    )
    cities = extract.text.index("Cities")
    assert [(mark.start, mark.page, mark.title) for mark in extract.marks] == [
        (0, 1, ""),
        (0, None, "Prices"),
        (cities, 3, ""),
        (cities, None, "Cities"),
    ]
    assert [extract.text[start:end] for start, end in extract.blocks][
        1
    ] == "Plan: Basic | Price: 10 | Users: 5"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        # A title above, an empty row between, a sum below another empty row.
        (
            [("Sales 2024",), (), ("Month", "EUR"), ("Jan", 1000), ("Feb", 1200), (), ("Total", 2200)],
            "Sales 2024\n\nMonth: Jan | EUR: 1000\nMonth: Feb | EUR: 1200\n\nMonth: Total | EUR: 2200",
        ),
        # Tables beside each other.
        (
            [("A", "B", "C", "", "X", "Y", "Z"), (1, 2, 3, "", 7, 8, 9)],
            "A: 1 | B: 2 | C: 3\n\nX: 7 | Y: 8 | Z: 9",
        ),
        # A gap in a table is no border.
        ([("A", "B", "", "C"), (1, 2, "", 3), (4, 5, "", 6)], "A: 1 | B: 2 | C: 3\nA: 4 | B: 5 | C: 6"),
        # Years are headers, other numbers are not.
        ([("Region", 2023, 2024), ("North", 5, 6)], "Region: North | 2023: 5 | 2024: 6"),
        ([("Region", 12, 13), ("North", 5, 6)], "Region | 12 | 13\nNorth | 5 | 6"),
        # Pairs of key and value have no headers.
        ([("Revenue", "$5"), ("Costs", "$3")], "Revenue | $5\nCosts | $3"),
        # A label between rows stands alone.
        (
            [("A", "B", "C"), ("x", 1, 2), ("note",), ("y", 3, 4)],
            "A: x | B: 1 | C: 2\nnote\nA: y | B: 3 | C: 4",
        ),
    ],
)
def test_tables_are_found_where_they_lie(rows, text):
    assert text_of(rows) == text


def test_merged_cells_are_titles_headers_or_groups_by_where_they_stand():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("S")
        sheet.merge_range("A1:C1", "Opening hours")
        sheet.write("A2", "Day")
        sheet.merge_range("B2:C2", "Hours")
        sheet.write_row("A3", ("", "from", "to"))
        sheet.merge_range("A4:A5", "Monday")
        sheet.write_row("B4", (8, 12))
        sheet.write_row("B5", (14, 18))
    assert read(target.getvalue(), "book.xlsx").text == (
        "S\n\nOpening hours\n\n"
        "Day: Monday | Hours from: 8 | Hours to: 12\nDay: Monday | Hours from: 14 | Hours to: 18"
    )


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.25, "0%", "25%"),
        (0.075, "0.0%", "7.5%"),
        (10, '#,##0.00 "kg"', "10 kg"),
        (10.5, "[$€-407] #,##0.00", "€10.5"),
        (10.5, "#,##0.00 [$€-407]", "10.5 €"),
        (10, '"EUR" 0.00', "EUR 10"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "100000000000000000000"),
        (True, "General", "yes"),
        (date(2024, 5, 17), "dd.mm.yyyy", "2024-05-17"),
        (datetime(2024, 5, 17, 8, 30), "dd.mm.yyyy hh:mm", "2024-05-17 08:30"),  # noqa: DTZ001  # sheets know no zones
        (time(8, 30), "hh:mm", "08:30"),
        (timedelta(hours=36), "[h]:mm", "1 day, 12:00"),
    ],
)
def test_cells_read_as_people_see_them(value, code, text):
    assert formatted(value, code) == text


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", Around()),
        ("yyyy-mm-dd", Around()),
        ("0.00E+00", Around()),
        ("", Around()),
        ("0 %", Around(after="%")),
        ('_("$"* #,##0.00_);[Red]("$"* 0)', Around(before="$")),
        ('0" pcs"', Around(after="pcs")),
    ],
)
def test_a_number_format_tells_what_stands_around_a_number(code, shown):
    assert around(code) == shown


def test_a_formula_is_the_value_saved_with_it():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("S").write_formula(0, 0, "=6*7", None, 42)
    assert read(target.getvalue(), "book.xlsx").text == "S\n\n42"


def test_hidden_sheets_are_left_out_and_counted():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Shown").write(0, 0, "words")
        hidden = book.add_worksheet("Hidden")
        hidden.write(0, 0, "secret")
        hidden.hide()
    extract = read(target.getvalue(), "book.xlsx")
    assert extract.text == "Shown\n\nwords"
    assert extract.notes == ("hidden sheets were left out: 1",)


def test_the_day_is_the_one_of_its_properties():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.set_properties({"created": datetime(2020, 1, 2)})  # noqa: DTZ001  # as the library takes it
        book.add_worksheet("S").write(0, 0, "words")
    assert read(target.getvalue(), "book.xlsx").dated == "2020-01-02"


def ods(cells):
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="S">'
        f"{cells}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
    )
    return zipped({"content.xml": content, "META-INF/manifest.xml": manifest}, ODS)


def test_opendocument_sheets_are_read_the_same_way():
    def row(*words):
        cells = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{word}</text:p></table:table-cell>'
            for word in words
        )
        return f"<table:table-row>{cells}</table:table-row>"

    data = ods(row("Plan", "Price", "Users") + row("Basic", "ten", "five"))
    assert detect(data, "book.ods").reader == "ingest.readers.spreadsheet"
    assert read(data, "book.ods").text == "S\n\nPlan: Basic | Price: ten | Users: five"


@pytest.mark.parametrize("name", ["book.xlsm", "book.xltx", "book.docx", "book"])
def test_a_workbook_is_known_by_its_content(name):
    assert detect(workbook(("S", PRICES)), name).name == "Excel"


def test_a_password_is_a_clear_error(monkeypatch):
    def refuse(_):
        raise PasswordError("locked")

    monkeypatch.setattr(spreadsheet, "CalamineWorkbook", type("Locked", (), {"from_filelike": refuse}))
    with pytest.raises(EncryptedFile, match="needs a password"):
        read(workbook(("S", PRICES)), "book.xls")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (workbook(("S", PRICES))[:2000], CorruptFile, "not a readable workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), CorruptFile, "not a readable workbook"),
        (repacked(workbook(("S", PRICES)), {"xl/worksheets/sheet1.xml": BOMB}), FileTooLarge, "unpacks to"),
        (workbook(("S", ())), NoTextFound, "no text"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "book.xlsx")


def test_a_cell_far_out_is_a_clear_error_before_memory_is_taken(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_CELLS", 1000)
    with pytest.raises(FileTooLarge, match="1001 rows and 1 columns"):
        read(workbook(("S", [("near",), *[()] * 999, ("far",)])), "book.xlsx")
