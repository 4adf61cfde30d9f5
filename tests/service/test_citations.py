import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Passage
from service.citations import check, claim, numbers, renumbered

TEXT = (
    "Staff get 27 days of paid leave. Unused days expire on 31 March.\n"
    "Ask Mia Holm at mia@talvio.example.com today."
)


def passage(text: str, start: int = 100) -> Passage:
    return Passage(
        "c", "d", "file:///leave.md", "Leave", "Leave > Days", text, start, start + len(text), 2, 1.0
    )


def addresses(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+@\S+", text)]


def nothing_private(_quote: str) -> list[tuple[int, int]]:
    return []


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("27 days [1]", "Staff get 27 days of paid leave."),
        ("27 Days of  paid leave [1].", "Staff get 27 days of paid leave."),
        ("31 March [1]", "Unused days expire on 31 March."),
        ("Unused days will expire on 31 March. [1]", "Unused days expire on 31 March."),
    ],
)
def test_a_citation_quotes_the_sentence_that_holds_the_claim(sentence, quote):
    checked = check(sentence, [[passage(TEXT)]], nothing_private)
    (cited,) = checked.citations
    assert (cited.quote, cited.verified, cited.n, cited.page) == (quote, True, 1, 2)
    assert TEXT[cited.start - 100 : cited.end - 100] == quote
    assert checked.text == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "28 days of paid leave staff get [1]",
        "28 days [1]",
        "27 days [2]",
        "27 days [0]",
        "the moon is made of cheese [1]",
        "7 days [1]",
        "[1]",
    ],
)
def test_a_citation_that_does_not_hold_is_taken_out(sentence):
    checked = check(sentence, [[passage(TEXT)]], nothing_private)
    assert checked.citations == ()
    assert checked.removed == 1
    assert "[" not in checked.text


def test_one_marker_may_hold_while_its_neighbour_falls():
    other = passage("Nothing of that kind stands here.")
    checked = check("27 days [1][2]", [[passage(TEXT)], [other]], nothing_private)
    assert [cited.n for cited in checked.citations] == [1]
    assert checked.text == "27 days [1]"


def test_a_quote_leaves_private_words_out_and_stays_exact():
    (cited,) = check("Ask Mia Holm [1]", [[passage(TEXT)]], addresses).citations
    assert cited.quote == "Ask Mia Holm at"
    assert TEXT[cited.start - 100 : cited.end - 100] == cited.quote


def test_markers_and_claims_are_told_apart():
    assert numbers("two [1] and three [12].") == [1, 12]
    assert claim("two [1] and three [12].") == "two and three"


@given(st.text(max_size=300), st.text(max_size=60), st.integers(0, 4))
def test_every_citation_is_exact_whatever_the_texts_are(text, words, number):
    source = passage(text, 7)
    for cited in check(f"{words} [{number}]", [[source]], nothing_private).citations:
        assert text[cited.start - 7 : cited.end - 7] == cited.quote


def test_overlapping_private_spans_leave_nothing_of_each_other():
    text = "The code is alpha@beta.com-9912 for all."

    def private(quote):
        outer = quote.find("alpha")
        return [] if outer < 0 else [(outer, outer + 19), (outer, outer + 14)]

    (cited,) = check("The code is [1]", [[passage(text)]], private).citations
    assert cited.quote == "The code is"


def test_a_quote_that_is_private_as_a_whole_is_no_citation():
    checked = check("27 days [1]", [[passage(TEXT)]], lambda quote: [(0, len(quote))])
    assert (checked.citations, checked.removed, checked.text) == ((), 1, "27 days")


def test_digits_of_other_numbers_do_not_make_a_number():
    row = "Role: Engineer; Salary: EUR 4,650; Least: EUR 4,200; Most: EUR 5,100"
    assert check("5,200 [1]", [[passage(row)]], nothing_private).citations == ()
    assert check("EUR 4,650 [1]", [[passage(row)]], nothing_private).citations[0].quote == row


def test_of_passages_that_are_shown_as_one_the_one_that_says_it_is_quoted():
    before = Passage("b", "d", "u", "Leave", "Leave", "Part-time staff get less.", 70, 95, 1, 1.0)
    (cited,) = check("27 days [1]", [[before, passage(TEXT)]], nothing_private).citations
    assert (cited.chunk_id, cited.page, cited.start) == ("c", 2, 100)


@pytest.mark.parametrize(
    ("text", "told"),
    [("27 [1].", "27 [3]."), ("[12] and [1]", "[3] and [3]"), ("none [] [x] 1", "none [] [x] 1"), ("", "")],
)
def test_every_marker_is_renumbered_and_nothing_else(text, told):
    assert renumbered(text, 3) == told
