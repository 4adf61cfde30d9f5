import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.sentences import sentences, windows

ALPHABET = st.text(alphabet="aB1 .!?\n[]()\"'e,-", max_size=80)


def cut(text, **options):
    return [text[start:end] for start, end in sentences(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two? Three!", ["One. ", "Two? ", "Three!"]),
        ("It takes 25 days. [1] Next one.", ["It takes 25 days. [1] ", "Next one."]),
        ("25 days [1]. And [2][3] more [4].", ["25 days [1]. ", "And [2][3] more [4]."]),
        ("It is 3.5 metres, e.g. The table. Yes.", ["It is 3.5 metres, e.g. The table. ", "Yes."]),
        ("In the U.S. Army it holds.", ["In the U.S. Army it holds."]),
        ("Ask Dr. Smith or J. Doe. Then go.", ["Ask Dr. Smith or J. Doe. ", "Then go."]),
        ("See approx. 5 of no. 7. ok", ["See approx. 5 of no. 7. ok"]),
        ("1. First thing\n2. Second thing\n", ["1. First thing\n", "2. Second thing\n"]),
        ("He said “stop.” Then left.", ["He said “stop.” ", "Then left."]),
        ("a line\n\n  another", ["a line\n\n  ", "another"]),
        ("25 days\n[1]", ["25 days\n[1]"]),
        ("Not a marker. [sic] Yes.", ["Not a marker. ", "[sic] Yes."]),
        ("", []),
        ("   ", ["   "]),
    ],
)
def test_sentences_end_where_a_reader_would_say(text, expected):
    assert cut(text) == expected


@given(ALPHABET)
def test_sentences_cover_the_text_exactly(text):
    assert "".join(cut(text)) == text


@given(ALPHABET, ALPHABET)
def test_what_is_settled_stays_settled_when_the_text_grows(text, more):
    settled = cut(text, growing=True)
    assert cut(text + more)[: len(settled)] == settled
    assert cut(text + more, growing=True)[: len(settled)] == settled


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(min_value=5, max_value=60))
def test_windows_cover_the_text_and_keep_their_size(text, size):
    spans = windows(text, size)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(0 < end - start <= size for start, end in spans)
