import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.readers import pdf
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
        (samples.drawing(), NoTextFound, "OCR"),
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
