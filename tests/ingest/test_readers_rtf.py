import pytest

from ingest.errors import CorruptFile, NoTextFound
from ingest.formats import detect
from ingest.readers.rtf import read


def extract_of(body):
    return read(rb"{\rtf1\ansi\ansicpg1252 " + body + b"}", "file.rtf")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"one\par two\par", "one\n\ntwo"),
        (rb"caf\'e9", "café"),
        (rb"{\fonttbl{\f0\fcharset204 A;}}\f0 \'cf\'f0", "Пр"),
        (rb"\uc2 \u8364 xxafter", "€after"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"{\header top}{\footer bottom}words", "words"),
        (rb"a{\pict 00ff}b{\object{\*\objdata 00ff}}c", "abc"),
        (rb"{\pict " + b"0123456789abcdef" * 100_000 + b"}words", "words"),
        (rb"\{braces\}", "{braces}"),
        (rb"{\field{\*\fldinst PAGE}{\fldrslt link}}", "link"),
        ("private \ue000 use".encode("utf-8"), "private î€€ use"),
    ],
)
def test_the_text_is_what_people_see(body, text):
    assert extract_of(body).text == text


def test_outline_levels_are_headings():
    extract = extract_of(rb"\pard\outlinelevel0 Guide\par\pard\outlinelevel1 Costs\par\pard words\par")
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "Guide"), (2, "Costs")]
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)
    assert extract.text == "Guide\n\nCosts\n\nwords"
    assert extract.title == "Guide"


def test_rows_of_tables_carry_their_headers_also_beside_text_with_bars():
    def row(*cells):
        return rb"\trowd\cellx1\cellx2\cellx3 " + b"".join(cell + rb"\cell " for cell in cells) + rb"\row "

    body = (
        rb"a | b\par "
        + row(b"Plan", b"Price", b"Users")
        + row(b"Pro", rb"25\par EUR", b"50")
        + rb"\pard end\par"
    )
    assert extract_of(body).text == "a | b\n\nPlan: Pro | Price: 25; EUR | Users: 50\n\nend"


def test_properties_give_title_and_day():
    extract = extract_of(
        rb"{\info{\title Caf\'e9 guide}{\creatim\yr2020\mo1\dy2}{\revtim\yr2024\mo5\dy7\hr8}}words"
    )
    assert (extract.title, extract.dated) == ("Café guide", "2024-05-07")


def test_rtf_is_known_by_its_content():
    assert detect(rb"{\rtf1 words}", "file.doc").name == "RTF"


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"words", CorruptFile, "not a readable RTF"),
        (rb"{\rtf1 {\pict 00}}", NoTextFound, "no text"),
        (b"{\\rtf1 " + b"{" * 10_000, NoTextFound, "no text"),
        (rb"{\rtf1\uc \u99999999999? x}", CorruptFile, "damaged"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "file.rtf")
