import pytest

from ingest.readers.asciidoc import read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("One *bold* word,\nand a https://x.org[link].", "One bold word,\nand a link."),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("* a\n** b\n. c\n", "- a\n  - b\n- c"),
        ("1. a\n2. b", "1. a\n2. b"),
        ("Term:: Its meaning.", "Term: Its meaning."),
        (
            "[source,python]\n----\nx = 1  <1>\n\ny = 2\n----\n<1> The first.",
            "x = 1\n\ny = 2\n\n<1> The first.",
        ),
        ("////\nunseen\n////\n// unseen\nseen", "seen"),
        (":author: Ann\n[[anchor]]\ninclude::/etc/passwd[]\nifdef::x[]\nseen", "seen"),
        ("image::x.png[A plan,200]", "A plan"),
        (
            ".Prices\n|===\n|Plan |Price\n\n|Basic |10\n|Pro |20\n|===",
            "Prices\n\nPlan: Basic | Price: 10\nPlan: Pro | Price: 20",
        ),
        ("|===\n|Plan |Price |Users\n\n|Basic\n|10\n|5\n|===", "Plan: Basic | Price: 10 | Users: 5"),
        ("|===\n2+^.^h|a |b\n|===", "a | b"),
    ],
)
def test_what_a_reader_sees_becomes_text(source, text):
    assert read(source.encode(), "x.adoc").text == text


def test_headings_are_marks_at_their_level():
    extract = read(b"= Guide\nAnn <a@x.org>\n\n== One ==\n\nx\n\n=== Two\n\ny", "x.adoc")
    assert extract.title == "Guide"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "Guide"), (2, "One"), (3, "Two")]
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)


@pytest.mark.parametrize("source", ["|===\n|a", "----\ncode", "= ", "****", "[", "a::", "|==="])
def test_broken_markup_is_read_as_far_as_it_goes(source):
    assert "words" in read(f"words\n\n{source}".encode(), "x.adoc").text
