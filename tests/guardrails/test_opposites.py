import pytest

from guardrails.opposites import opposed
from guardrails.words import Words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("before", "after"),
        ("at least", "at most"),
        ("increased", "decreases"),
        ("allowed", "forbidden"),
        ("paid", "unpaid"),
        ("legal", "illegal"),
        ("required", "optional"),
        ("internal", "external"),
    ],
)
def test_opposites_deny_each_other_both_ways(one, other):
    first, second = (Words(f"x {word} y").sequence[1].stem for word in (one, other))
    assert opposed(first, second)
    assert opposed(second, first)


@pytest.mark.parametrize(
    ("one", "other"),
    [("before", "before"), ("paid", "pays"), ("red", "blue"), ("form", "uniform"), ("sign", "assign")],
)
def test_other_words_do_not(one, other):
    first, second = (Words(f"x {word} y").sequence[1].stem for word in (one, other))
    assert not opposed(first, second)
