import pytest

from guardrails.alignment import aligned, source_of
from guardrails.words import Words

PASSAGE = "Anna Berg is the CFO and Tom Lee the CEO. The hall has 64 chairs and 22 desks."


def runs(claim, *passages):
    words = Words(claim).sequence
    found = aligned(words, source_of(passages or (PASSAGE,)))
    return [[words[number].stem for number, _ in run] for run in found.runs]


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("Tom Lee is the CEO.", [["tom", "lee", "ceo"]]),
        ("The hall has 64 chairs.", [["hall", "64", "chair"]]),
        ("The hall has 22 chairs.", [["hall", "chair"]]),
        ("The hall has many chairs.", [["hall", "chair"]]),
        ("The hall has 64 chairs and Tom Lee the CEO.", [["hall", "64", "chair"], ["tom", "lee", "ceo"]]),
        ("Nothing of this kind.", []),
    ],
)
def test_a_claim_is_read_off_where_that_is_cheapest(claim, found):
    assert runs(claim) == found


def test_passages_without_words_hold_nothing():
    assert runs("Tom Lee is the CEO.", "", "...") == []


def test_a_claim_without_words_is_found_nowhere():
    assert aligned((), source_of((PASSAGE,))).runs == []


def test_words_beside_a_place_are_those_of_its_sentence():
    source = source_of((PASSAGE,))
    hall = int(source.where["hall"][0])
    assert [word.stem for word in source.before(hall, 3)] == []
    assert [word.stem for word in source.after(hall, 2)] == ["64", "chair"]
