from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.entities import ENTITIES
from guardrails.recognisers import Seeker, recognisers

ALL = recognisers(dict.fromkeys(ENTITIES, 0.5), ["US"])
PIECES = st.sampled_from(
    [
        "4111 1111",
        "1111-1111",
        "DE89",
        "3704 0044",
        "0532",
        "536-90",
        "-4399",
        "10.20",
        ".30.40",
        "2001:db8",
        "::1",
        "a@b.com",
        "AB 12",
        "34 56 C",
        "12345678",
        "X123",
        "4567L",
        "RSSMRA85T10A562S",
        "131052-308T",
        "44051401359",
        "12.03.2024",
        "12 March 2024",
        "00:1A:2B",
        ":3C:4D:5E",
        "bc1",
        "www.example.com",
        " ",
        ".",
        "-",
        "word",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_recogniser_that_is_not_asked_would_have_found_nothing(text):
    for seeker in ALL:
        if isinstance(seeker, Seeker) and not seeker._needs.search(text):  # noqa: SLF001  # held to account
            assert seeker._made.analyze(text, list(seeker.entities), None) == []  # noqa: SLF001  # as above


def test_every_kind_has_a_recogniser():
    assert frozenset().union(*(each.entities for each in ALL)) == ENTITIES


def test_an_address_far_into_a_long_text_is_found_in_its_place():
    text = "a. " * 4000 + "write to bob@example.com, or to amy@example.com. " + "b. " * 4000
    (mail,) = [each for each in ALL if "EMAIL_ADDRESS" in each.entities]
    found = [text[span.start : span.end] for span in mail.spans(text)]
    assert found == ["bob@example.com", "amy@example.com"]
