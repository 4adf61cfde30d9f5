import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.injection_patterns import OVERRIDES, WORDINGS
from guardrails.secret_patterns import ASSIGNED, HEADER, LOGINS, NEARBY
from guardrails.wording import Wording, small

KNOWN = (*WORDINGS, *OVERRIDES, *ASSIGNED, HEADER, *LOGINS, NEARBY)


@pytest.mark.parametrize("wording", KNOWN, ids=lambda wording: wording.pattern.pattern[:40])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_an_expression_matches_holds_the_words_that_it_needs(wording, data):
    text = data.draw(st.from_regex(wording.pattern))
    plain = wording.pattern.search(text)
    found = wording.search(text, small(text))
    assert (found and found.span()) == (plain and plain.span())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sign in", "sign in"),
        ("\u017fign in", "sign in"),
        ("\u0130gnore", "ignore"),
        ("\u0131gnore", "ignore"),
        ("to\u212aen", "token"),
        ("ÉÜ", "éü"),
    ],
)
def test_letters_are_small_as_expressions_see_them(text, expected):
    assert small(text) == expected
    assert re.fullmatch(expected, text, re.IGNORECASE)


def test_each_list_of_words_must_have_one_in_the_text():
    wording = Wording(r"a\w+ (?:b|c)\w+", "a", "b|c")
    assert wording.search("Apple cake", small("Apple cake"))
    assert wording.search("Apple", small("Apple")) is None
    assert wording.times("apple cake, apple bread", "apple cake, apple bread") == 2
    assert [match.group() for match in wording.finditer("an apple bun", "an apple bun")] == ["apple bun"]


def test_case_counts_where_it_is_told_to():
    wording = Wording("Abc", "abc", flags=re.NOFLAG)
    assert wording.search("Abc", "abc")
    assert wording.search("abc", "abc") is None
