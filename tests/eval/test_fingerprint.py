"""A run's fingerprint is what all who ask in it see together."""

from dataclasses import replace

import pytest

from eval.audience import Audience
from eval.fingerprint import combined
from service.fingerprint import Fingerprint

TOLD = Fingerprint("c", "i", "e", "p", "a", "o", "s")
HR, ALL = Audience("acme", frozenset({"hr"})), Audience("acme", None)


@pytest.mark.parametrize("name", TOLD.__slots__)
def test_a_change_for_one_of_them_is_a_change(name):
    before = combined({HR: TOLD, ALL: TOLD})
    after = combined({HR: replace(TOLD, **{name: "x"}), ALL: TOLD})
    assert before.changes(after) == [name]


def test_in_which_order_they_are_told_makes_no_difference():
    one, other = replace(TOLD, corpus="1"), replace(TOLD, corpus="2")
    assert combined({HR: one, ALL: other}) == combined({ALL: other, HR: one})
    assert combined({HR: one, ALL: other}) != combined({HR: other, ALL: one})


def test_who_judges_is_not_known_yet():
    assert combined({ALL: TOLD}).judge == ""
