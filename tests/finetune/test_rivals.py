import random

import pytest

from finetune.rivals import make_rivals


def made(count):
    return make_rivals(count, random.Random(3))  # noqa: S311  # made-up texts, no secrets


MADE = made(40)
RULES = [paragraph for paragraph in MADE if paragraph.article.startswith("limits")]


def test_the_two_tables_of_a_pair_stand_in_one_article():
    tables = [paragraph for paragraph in MADE if paragraph.article.startswith("rivals")]
    assert len(tables) == 80
    for listed, spare in zip(tables[::2], tables[1::2], strict=True):
        assert listed.article == spare.article
        assert all(question.answer in listed.text for question in listed.questions)
        assert all(question.answer in spare.text for question in spare.questions)


@pytest.mark.parametrize(
    "rule", [paragraph for paragraph in MADE if paragraph.article.startswith("limits")][:8]
)
def test_both_sides_of_a_limit_have_their_own_answer(rule):
    assert len(rule.questions) == 3
    first, second = rule.text.rstrip(".").split(". ")
    for question in rule.questions:
        assert (question.answer in first) != (question.answer in second)


def test_equal_dice_make_equal_rivals():
    assert made(3) == made(3)
