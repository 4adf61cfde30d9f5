import pytest

from finetune.datasets.doubt import Doubt, claimed
from finetune.datasets.targets import (
    CITES_NO_PASSAGE,
    EMPTY,
    OWN_WORDS,
    TOO_LONG,
    UNGROUNDED,
    Target,
    target,
)
from finetune.datasets.unanswerable import negated
from guardrails.grounding import Grounding
from tests.finetune.making import NEVER

LEAVE = "Every employee gets 28 days\nof paid leave a year."
NOTICE = "The notice period is three months."


@pytest.mark.parametrize(
    ("reply", "learnt"),
    [
        ("28 days of PAID leave [1].", Target("28 days\nof paid leave", 0)),
        ("three months [2]", Target("three months", 1)),
        ("Three months.", Target("three months", 1)),
        ("I don't know.", Target(None)),
        ("three months [1]", OWN_WORDS),
        ("about a quarter [2]", OWN_WORDS),
        ("8 days [1]", OWN_WORDS),
        ("three months [3]", CITES_NO_PASSAGE),
        ("three months [1][2]", CITES_NO_PASSAGE),
        (" [1]. ", EMPTY),
        ("long " * 40, TOO_LONG),
    ],
)
def test_what_is_learnt_stands_word_for_word_in_the_cited_passage(reply, learnt):
    assert target(reply, [LEAVE, NOTICE], Grounding()) == learnt


def test_the_grounding_rail_has_the_last_word():
    assert target("three months [2]", [LEAVE, NOTICE], NEVER) == UNGROUNDED


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("How many days does everybody get?", "28", "28 days does everybody get"),
        ("In which year was it built?", "1907", "In 1907 year was it built"),
        ("Name the founder", r"Ada \1", r"Name the founder Ada \1"),
    ],
)
def test_a_question_with_its_answer_is_a_claim(question, answer, claim):
    assert claimed(question, answer) == claim


BRIDGE = ["The bridge over the Aura was built in 1899 by Karl Wickström, an engineer from Turku."]
REAL = "Who built the bridge over the Aura in 1899?"


@pytest.mark.parametrize(
    ("twisted", "confirmed"),
    [
        ("Who built the bridge over the Kemijoki in 1950?", True),
        ("Who didn't build the bridge over the Aura in 1899?", True),
        ("Who built the bridge over the Aura in 1899, an engineer from Turku?", False),
    ],
)
def test_a_made_up_question_must_not_be_more_supported_than_the_real_one(twisted, confirmed):
    assert Doubt(Grounding()).confirms(twisted, REAL, "Karl Wickström", BRIDGE) is confirmed


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("When did the works close?", "When didn't the works close?"),
        ("In which city was it founded?", "In which city wasn't it founded?"),
        ("What can a visitor see?", "What cannot a visitor see?"),
        ("Is there a delegate?", None),
        ("What is not allowed?", None),
        ("Who never came?", None),
        ("Who built it?", None),
        ("What is the price of it?", None),
        ("How much is it?", None),
        ("How many of the halls are heated?", "How many of the halls aren't heated?"),
        ("Which hall is heated?", "Which hall isn't heated?"),
        ("How long is the hall?", None),
        ("Which hall did she close who was ill?", "Which hall didn't she close who was ill?"),
        ("Did she say who it was?", None),
    ],
)
def test_a_question_is_denied_where_that_asks_for_something_else(question, denied):
    assert negated(question) == denied
