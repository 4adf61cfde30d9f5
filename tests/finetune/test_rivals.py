import random
import re

import pytest

from finetune.datasets.rivals import make_limits, make_rivals

OVER = re.compile("above|more than|over")


def amount(text):
    return int(re.search(r"[\d,]+\d|\d", text).group().replace(",", ""))


def dice():
    return random.Random(3)  # noqa: S311  # made-up texts, no secrets


def test_the_two_tables_of_a_pair_stand_in_one_article():
    tables = make_rivals(40, dice())
    assert len(tables) == 80
    for listed, spare in zip(tables[::2], tables[1::2], strict=True):
        assert listed.article == spare.article
        assert all(question.answer in listed.text for question in listed.questions)
        assert all(question.answer in spare.text for question in spare.questions)


@pytest.mark.parametrize("rule", make_limits(12, dice()))
def test_both_sides_of_a_limit_have_their_own_answer(rule):
    assert len(rule.questions) == 3
    first, second = rule.text.rstrip(".").split(". ")
    over, under = (first, second) if OVER.search(first) else (second, first)
    limit = amount(under)
    for question in rule.questions:
        asked = question.text
        beyond = amount(asked) > limit or (amount(asked) == limit and OVER.search(asked))
        assert question.answer in (over if beyond else under)
        assert question.answer not in (under if beyond else over)


def test_equal_dice_make_equal_rivals():
    assert make_rivals(3, dice()) == make_rivals(3, dice())
    assert make_limits(3, dice()) == make_limits(3, dice())
