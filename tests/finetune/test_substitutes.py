import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.datasets.substitutes import Neighbours

SALINITY = "What is the average salinity of ocean water?"
PASSAGE = "The average salinity of ocean water is 35 grams."
# What may stand between "average" and "of", often enough to be no misspelling.
KNOWN = [f"the average {word} of a lake" for word in ("temperature", "depth", "colour", "salinity")] * 5
FILLER = " ".join(f"grammar{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(150))


def substituted(question, passage=PASSAGE, preferred=(), seed=1):
    known = Neighbours([*KNOWN, *[FILLER] * 30])
    return known.substituted(question, passage, preferred, random.Random(seed))  # noqa: S311  # no secret


def test_a_word_of_the_passage_gives_way_to_one_that_fits_its_place():
    made = {substituted(SALINITY, seed=seed) for seed in range(30)}
    assert made == {SALINITY.replace("salinity", word) for word in ("temperature", "depth", "colour")}


def test_preferred_words_come_first():
    assert {substituted(SALINITY, preferred=["depth"], seed=seed) for seed in range(9)} == {
        SALINITY.replace("salinity", "depth")
    }


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        (SALINITY, "Nothing of it stands here."),
        (SALINITY, f"{PASSAGE} Its temperature and depth and colour vary."),
        (SALINITY, f"{PASSAGE} Colours are many."),
        ("Who wrote it?", PASSAGE),
        ("", ""),
    ],
)
def test_nothing_is_made_where_too_few_words_fit(question, passage):
    assert substituted(question, passage) is None


@given(
    st.lists(st.sampled_from([*KNOWN[0].split(), "salinity", "?", "5", "What"]), max_size=12).map(" ".join)
)
def test_one_word_differs_and_the_passage_lacks_it(question):
    made = substituted(question)
    if made is not None:
        before, after = question.split(), made.split()
        (changed,) = (place for place, word in enumerate(before) if after[place] != word)
        assert after[changed] not in PASSAGE
        assert before[changed] in PASSAGE
