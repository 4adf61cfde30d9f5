import io
from datetime import datetime

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.readers import pdf, scans
from ingest.readers.ocr import Ocr, languages
from ingest.readers.pdf import read
from tests.ingest import samples


def test_pages_and_headings_are_marks_on_their_words():
    extract = read(samples.pdf(), "policy.pdf")
    marks = [(mark.page, mark.level, extract.text[mark.start :].split("\n")[0]) for mark in extract.marks]
    assert marks == [
        (1, 0, samples.TITLE),
        (None, 1, samples.TITLE),
        (None, 2, samples.SECTION),
        (2, 0, "Prices"),
        (None, 2, "Prices"),
    ]
    assert extract.title == samples.TITLE


def test_wrapped_lines_become_one_paragraph():
    assert samples.LONG.strip() in read(samples.pdf(), "policy.pdf").text


def test_table_rows_carry_their_headers():
    extract = read(samples.pdf(), "policy.pdf")
    blocks = [extract.text[start:end] for start, end in extract.blocks]
    assert blocks[-3:] == [
        f"Plan: {plan} | Price: {price} | Users: {users}" for plan, price, users in samples.ROWS
    ]


def page_of(*lines):
    """One page: each line a text with its font, size and place (x, y)."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for words, font, size, x, y in lines:
        canvas.setFont(font, size)
        canvas.drawString(x, y, words)
    canvas.save()
    return read(target.getvalue(), "page.pdf")


def test_short_lines_stay_lines():
    lines = [(f"Line {word}", "Helvetica", 10, 72, 700 - 12 * row) for row, word in enumerate(("one", "two"))]
    assert page_of(*lines).text == "Line one\nLine two"


def test_bold_lines_in_regular_text_are_headings():
    extract = page_of(
        ("Scope", "Helvetica-Bold", 10, 72, 700),
        ("This applies to everyone who works here.", "Helvetica", 10, 72, 688),
    )
    assert [mark.title for mark in extract.marks if mark.level] == ["Scope"]
    assert extract.title == "Scope"


def test_a_bullet_that_stands_apart_belongs_to_its_item():
    extract = page_of(
        ("\u2022", "Helvetica", 10, 72, 700),
        ("first item", "Helvetica", 10, 95, 700),
        ("\u2022", "Helvetica", 10, 72, 688),
        ("second item", "Helvetica", 10, 95, 688),
    )
    assert extract.text == "\u2022 first item\n\u2022 second item"


@pytest.mark.parametrize("page", [1, 2])
def test_pages_without_text_keep_the_numbers_of_the_others(page):
    target = io.BytesIO()
    canvas = Canvas(target)
    for _ in range(page - 1):
        canvas.showPage()
    canvas.drawString(72, 700, "words")
    canvas.save()
    assert [mark.page for mark in read(target.getvalue(), "p.pdf").marks] == [page]


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (samples.pdf("secret"), EncryptedFile, "password"),
        (samples.drawing(), NoTextFound, "no text layer on page 1"),
        (samples.pdf()[: len(samples.pdf()) // 2], CorruptFile, "cut off"),
        (samples.pdf()[:-40], CorruptFile, "cut off"),
        (b"%PDF-1.7 nonsense %%EOF", CorruptFile, "not a readable PDF"),
        (b"words", CorruptFile, "cut off"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "file.pdf")


def test_too_many_pages_are_a_clear_error(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(FileTooLarge, match="2 pages"):
        read(samples.pdf(), "policy.pdf")


def document_of(*pages):
    """A PDF of pages, each a list of texts with their places."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for page in pages:
        for words, x, y in page:
            canvas.drawString(x, y, words)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def pages_with(header, footers):
    return document_of(
        *(
            [(header, 72, 800), (f"Words of page {word} only.", 72, 600), (footer, 72, 30)]
            for word, footer in zip(("one", "two", "three", "four"), footers, strict=True)
        )
    )


@pytest.mark.parametrize(
    ("header", "footers"),
    [
        ("ACME confidential", ("Page 1 of 4", "Page 2 of 4", "Page 3 of 4", "Page 4 of 4")),
        ("Handbook, edition 3", ("- 1 -", "- 2 -", "- 3 -", "- 4 -")),
        ("Report", ("i", "ii", "iii", "iv")),
    ],
)
def test_running_headers_stay_once_and_page_numbers_go(header, footers):
    text = read(pages_with(header, footers), "file.pdf").text
    assert text.count(header) == 1
    assert not any(f"\n{footer}" in text for footer in footers)
    assert all(f"Words of page {word} only." in text for word in ("one", "two", "three", "four"))


def test_lines_that_differ_from_page_to_page_stay():
    text = read(pages_with("Report", ("alpha", "beta", "gamma", "delta")), "file.pdf").text
    assert all(word in text for word in ("alpha", "beta", "gamma", "delta"))


def test_two_pages_are_too_few_to_repeat_anything():
    text = read(document_of([("Total", 72, 800), ("5 EUR", 72, 700)], [("Total", 72, 800)]), "file.pdf").text
    assert text.count("Total") == 2


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_lines_on_turned_pages_stay_whole(angle, rotate):
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.setPageRotation(rotate)
    canvas.translate(300, 400)
    canvas.rotate(angle)
    canvas.drawString(0, 0, "three words here")
    canvas.drawString(0, -12, "and below them")
    canvas.save()
    lines = [line for line in read(target.getvalue(), "turned.pdf").text.split("\n") if line]
    assert sorted(lines) == ["and below them", "three words here"]


def test_the_day_is_the_one_of_its_properties():
    assert read(samples.pdf(), "policy.pdf").dated == datetime.now().astimezone().date().isoformat()


@pytest.fixture
def scanned(monkeypatch):
    """OCR that says which picture it saw, without Tesseract."""
    monkeypatch.setattr(scans, "languages", lambda: "eng")
    monkeypatch.setattr(
        Ocr, "text", lambda _, picture: f"a scan of {max(picture.width, picture.height)} pixels"
    )


def scan_between(*stamps):
    """A page of words, then pages that are pictures with a stamp on them, then a page of words."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(400, 400))
    canvas.drawString(50, 300, "first")
    canvas.showPage()
    for stamp in stamps:
        canvas.drawInlineImage(Image.new("L", (40, 40), "white"), 0, 0, 400, 400)
        canvas.drawString(50, 20, stamp)
        canvas.showPage()
    canvas.drawString(50, 300, "last")
    canvas.save()
    return target.getvalue()


def test_pages_that_are_pictures_are_read_in_their_place(scanned):
    extract = read(scan_between("", "Page 2"), "mixed.pdf")
    assert extract.text == "first\n\na scan of 2800 pixels\n\nPage 2\n\na scan of 2800 pixels\n\nlast"
    assert [(mark.start, mark.page) for mark in extract.marks] == [
        (0, 1),
        (7, 2),
        (30, 3),
        (extract.text.index("last"), 4),
    ]
    assert extract.notes == ()


def test_without_tesseract_such_pages_are_told_and_the_others_read(monkeypatch):
    monkeypatch.setattr(scans, "languages", lambda: "")
    extract = read(scan_between("", ""), "mixed.pdf")
    assert extract.text == "first\n\nlast"
    assert extract.notes == ("no text layer on pages 2-3: install Tesseract for OCR",)


def test_without_tesseract_a_scan_is_a_clear_error_with_the_remedy(monkeypatch):
    monkeypatch.setattr(scans, "languages", lambda: "")
    with pytest.raises(NoTextFound, match="no text layer on page 1: install Tesseract"):
        read(samples.drawing(), "scan.pdf")


@pytest.mark.skipif(not languages(), reason="Tesseract is not installed")
def test_a_scan_is_read_by_tesseract():
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(400, 100))
    picture = Image.new("L", (1600, 400), 255)
    ImageDraw.Draw(picture).text((80, 120), "Sixteen weeks of leave", 0, ImageFont.load_default(110))
    canvas.drawInlineImage(picture, 0, 0, 400, 100)
    canvas.save()
    assert read(target.getvalue(), "scan.pdf").text == "Sixteen weeks of leave"
