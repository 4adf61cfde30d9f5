import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.documents import Extract, Mark
from ingest.readers.draft import Draft


def cleaned(text):
    return clean(Extract("", text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\r\ntwo\rthree\u2028four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("one\u00a0two\u2003three", "one two three"),
        ("one   two \t three", "one two three"),
        ("one  \ntwo\t\n", "one\ntwo"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("\n \n one", " one"),
        ("if x:\n    y\n\tz", "if x:\n    y\n    z"),
        ("far\n" + " " * 40 + "right", "far\n" + " " * 8 + "right"),
        ("soft\u00adhyphen", "softhyphen"),
        ("ig\u200bno\u2060re\ufeff", "ignore"),
        ("safe\U000e0069\U000e0067\U000e006e words", "safe words"),
        ("vari\ufe0fation\U000e0100", "variation"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\x00b\x07c\x1bd\x7fe", "abcde"),
        ("e\u0301", "é"),
        ("e\ufb03cient \ufb01le, \ufb06op \ufb14", "efficient file, stop \u0574\u0565"),
        ("m\u00b2 \u2122 \uff21", "m\u00b2 \u2122 \uff21"),  # say something of their own
        ("e\u200b\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\ud800x", "\ufffdx"),
        ("join\u200der", "joiner"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("", ""),
        (" \n\u200b\n ", ""),
    ],
)
def test_text_has_one_form(text, expected):
    assert cleaned(text) == expected


def test_marks_and_blocks_stay_on_their_words():
    text = "\ufeffTitle\u200b  here\r\n\r\n\r\nA  Cafe\u0301 \r\nopens"
    title, body = text.index("Title"), text.index("A  C")
    extract = clean(
        Extract(
            " T\u200b ", text, (Mark(title, 1, "Title\u200b  here"), Mark(body, page=2)), ((body, len(text)),)
        )
    )
    assert extract.text == "Title here\n\nA Café\nopens"
    assert extract.title == "T"
    assert extract.marks == (Mark(0, 1, "Title here"), Mark(12, page=2))
    assert [extract.text[start:end] for start, end in extract.blocks] == ["A Café\nopens"]


def test_what_has_no_words_left_is_dropped():
    extract = clean(Extract("", "\u200b\n\nwords", (Mark(0, 1, "\u200b"),), ((0, 1), (3, 8))))
    assert extract.marks == ()
    assert extract.blocks == ((0, 5),)


CHARACTERS = st.sampled_from(
    "ab é\u0301\u0327 \t\n\r\u00a0\u00ad\u200b\u200d\u2028\ufeff\U000e0041\ud800한\u1112\u1161\u0646."
)
PIECES = st.text(CHARACTERS | st.characters(), max_size=30)


def bare(text):
    """The words as they must survive: without white space, invisible characters, and in one form."""
    return unicodedata.normalize("NFC", re.sub(r"\s", "", cleaned(text)))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(PIECES, st.sampled_from(["block", "heading", "page"])), max_size=12))
def test_every_mark_and_block_keeps_its_words(parts):
    draft = Draft()
    for number, (text, kind) in enumerate(parts, start=1):
        if kind == "page":
            draft.page(number)
        if kind == "heading":
            draft.heading(1, text)
        else:
            draft.block(text)
    extract = draft.extract("t")
    result = clean(extract)
    words = [bare(extract.text[start:end]) for start, end in extract.blocks]
    assert [bare(result.text[start:end]) for start, end in result.blocks] == [word for word in words if word]
    assert all(0 <= start < end <= len(result.text) for start, end in result.blocks)
    for mark in result.marks:
        if mark.level:
            assert bare(result.text[mark.start :]).startswith(bare(mark.title))
    assert clean(result) == result


@settings(deadline=None, max_examples=300)
@given(st.text(CHARACTERS | st.characters(), max_size=200))
def test_cleaning_twice_changes_nothing_and_leaves_nothing_invisible(text):
    once = cleaned(text)
    assert cleaned(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()
    assert not re.search(r"[\u200b\ufeff\u00ad\r\x00\U000e0000-\U000e007f]| $|\n{3}", once, re.MULTILINE)


@pytest.mark.parametrize(
    "text", ["a" * 10**6 + "e\u0301", " " * 10**6 + "x", "x" + "\n" * 10**6 + "y", "\u200b \n" * 10**5]
)
def test_long_runs_take_no_time(text):
    assert len(cleaned(text)) <= 10**6 + 1
