import pytest

from ingest.errors import CorruptFile
from ingest.readers.text import read
from tests.ingest import samples


@pytest.mark.parametrize(
    ("content", "blocks"),
    [
        (b"one\ntwo\n\nthree", ["one\ntwo", "three"]),
        (b"one\r\n \r\n\r\ntwo", ["one", "two"]),
        (b"page one\fpage two", ["page one", "page two"]),
        (b"\n\n  indented\n", ["  indented"]),
        ("\ufeffmarked".encode(), ["marked"]),
    ],
)
def test_paragraphs_are_blocks(content, blocks):
    extract = read(content, "note.txt")
    assert [extract.text[start:end] for start, end in extract.blocks] == blocks


def test_underlined_and_upper_case_lines_are_headings():
    extract = read(samples.text(), "policy.txt")
    assert [(mark.level, mark.title) for mark in extract.marks] == [
        (1, "Leave policy"),
        (2, "PARENTAL LEAVE"),
    ]
    assert extract.title == "Leave policy"


@pytest.mark.parametrize("content", [b"A1\n\nwords", b"USD 100.\nMORE\n\nwords", b"----\n\nwords"])
def test_near_misses_are_no_headings(content):
    extract = read(content, "note.txt")
    assert extract.marks == ()
    assert extract.title == "note"


def test_a_file_of_line_breaks_takes_no_time():
    assert read(b"a" + b"\n" * 1_000_000 + b"b", "note.txt").text == "a\n\nb"


def test_binary_content_is_a_clear_error():
    with pytest.raises(CorruptFile, match="binary content"):
        read(bytes(range(256)) * 10, "note.txt")
