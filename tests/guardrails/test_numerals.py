import pytest

from guardrails.numerals import plain


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (("$1,200", "USD 1200.00", "1200 dollar", "US$ 1,200"), "1200 dollar"),
        (("€2.5m", "EUR 2.5 million", "2,500,000 euro"), "2500000 euro"),
        (("twenty-five people", "25 people", "twenty five people"), "25 people"),
        (("two hundred and fifty", "250"), "250"),
        (("5 million", "five million", "5,000,000"), "5000000"),
        (("12%", "12 percent", "twelve per cent"), "12 percent"),
        (
            (
                "May 22nd, 2026",
                "22 May 2026",
                "2026-05-22",
                "22/05/2026",
                "5/22/2026",
                "22.5.2026",
                "22nd of May 2026",
            ),
            "22 month5 2026",
        ),
        (("September 1939", "Sept. 1939"), "month9 1939"),
        (("at 9:30 am", "at 9.30 a.m.", "at 09:30"), "at 9h30"),
        (("at 5 pm", "at 17:00", "at 5:00 PM"), "at 17h00"),
        (("no more than five days", "at most 5 days", "up to 5 days"), "atmost 5 days"),
        (("at least two", "no fewer than 2"), "atleast 2"),
        (("the third floor", "the 3rd floor"), "the 3rd floor"),
        (("not only here",), "also here"),
    ],
)
def test_ways_to_write_the_same_have_one_form(texts, form):
    assert {plain(text).strip() for text in texts} == {form}


@pytest.mark.parametrize(
    "text",
    ["You may go.", "One of the best.", "They march on.", "Version 1.2.3 at 192.168.0.1", "no more", "Sept"],
)
def test_what_is_no_number_or_date_stays(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [("$5", "€5"), ("5 million", "5 billion"), ("22 May", "22 June"), ("9 am", "9 pm"), ("fifteen", "fifty")],
)
def test_different_values_have_different_forms(one, other):
    assert plain(one) != plain(other)
