"""What an answer in the making knows of its cost, also when it is cut."""

import pytest

from guardrails.guard import Guard
from guardrails.policy import Policy, Rule
from guardrails.rail import Inspection
from guardrails.verdict import Action, Finding, Stage
from ingest.documents import Passage
from service.answer import Usage
from service.context import Block
from service.draft import Draft, masked, private
from service.generate import Piece

TEXT = "Ask Bob about the attack"


class Finds:
    """A rail that finds one word."""

    def __init__(self, name, word):
        self.name, self._word = name, word

    def inspect(self, sample):
        start = sample.text.find(self._word)
        found = Finding(self.name, "x", Action.FLAG, 1.0, start, start + len(self._word), "found")
        return Inspection((found,) if start >= 0 else ())


def guard(**stages):
    made = {
        stage: {name: Rule(action=action) for name, action in rails.items()}
        for stage, rails in stages.items()
    }
    policy = Policy(name="test", message="No.", stages=made)
    return Guard(policy, [Finds("pii", "Bob"), Finds("injection", "attack"), Finds("custom", "about")])


@pytest.mark.parametrize(
    ("stages", "hidden", "title"),
    [
        ({}, [], TEXT),
        ({Stage.PASSAGE: {"pii": Action.REDACT}}, ["Bob"], "Ask • about the attack"),
        ({Stage.OUTPUT: {"pii": Action.REDACT}}, ["Bob"], "Ask • about the attack"),
        ({Stage.PASSAGE: {"pii": Action.BLOCK}}, [TEXT], "•"),
        ({Stage.PASSAGE: {"custom": Action.BLOCK}}, [TEXT], "•"),
        ({Stage.OUTPUT: {"custom": Action.BLOCK}}, [TEXT], "•"),
        ({Stage.OUTPUT: {"custom": Action.REDACT}}, ["about"], "Ask Bob • the attack"),
        ({Stage.OUTPUT: {"custom": Action.FLAG}}, [], TEXT),
        # The passage that holds it was let pass; of an answer it would be the end.
        ({Stage.PASSAGE: {"injection": Action.BLOCK}}, [], TEXT),
        ({Stage.OUTPUT: {"injection": Action.BLOCK}}, [TEXT], TEXT),
    ],
)
def test_private_words_of_a_passage_are_those_of_passages_and_of_answers(stages, hidden, title):
    rails = guard(**stages)
    assert [TEXT[found.start : found.end] for found in private(rails, TEXT)] == hidden
    assert masked(rails, TEXT) == title


@pytest.mark.parametrize(
    ("pieces", "usage"),
    [
        ([], Usage(40, 0)),
        ([Piece("27 "), Piece("days")], Usage(40, 2)),
        ([Piece("27 "), Piece("", "stop", Usage())], Usage(40, 1)),
        ([Piece("27 "), Piece("", "stop", Usage(41, 3))], Usage(41, 3)),
    ],
)
def test_an_answer_costs_what_the_engine_says_or_else_what_was_seen(pieces, usage):
    draft = Draft("ans-1", "m", guard())
    draft.prompted(lambda: 40)
    for piece in pieces:
        draft.engine(piece)
    assert draft.finished().usage == usage


def test_an_answer_that_never_reached_the_engine_costs_nothing():
    assert Draft("ans-1", "m", guard()).finished().usage == Usage()


def test_what_was_given_back_is_told_cited_and_not_kept():
    restoring = Rule(action=Action.REDACT, restore=True)
    policy = Policy(name="test", message="No.", stages={Stage.PASSAGE: {"pii": restoring}})
    rails, text = Guard(policy, [Finds("pii", "Bob")]), "Ask Bob about the attack. It rains."
    draft = Draft("ans-1", "m", rails)
    shown = draft.placeholders.numbered(Stage.PASSAGE, text, rails.screen(Stage.PASSAGE, text))
    passage = Passage("c", "d", "file:///a.md", "A", "A", text, 0, len(text), 1, 1.0)
    draft.packed([Block("A", shown, (passage,))])
    assert shown == "Ask <x_1> about the attack. It rains."
    assert draft.sources("") == [shown]
    draft.said(draft.check(rails.screen(Stage.OUTPUT, "Ask <x_1> about the attack [1].")))
    answer = draft.completed()
    (cited,) = answer.citations
    assert (answer.text, cited.quote) == ("Ask Bob about the attack [1].", "about the attack.")
    assert text[cited.start : cited.end] == cited.quote
    assert draft.placeholders.used
    assert draft.kept().text == "Ask <x> about the attack [1]."
