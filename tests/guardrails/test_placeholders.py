import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.guard import Guard
from guardrails.placeholders import Placeholders
from guardrails.policy import Policy
from guardrails.rail import Inspection
from guardrails.stream import GuardedStream
from guardrails.verdict import Action, Finding, Stage

RULES = {
    "input": {"pii": {"action": "redact", "restore": True}},
    "passage": {"pii": {"action": "redact", "restore": True}, "secrets": {"action": "redact"}},
    "output": {"pii": {"action": "redact"}},
}


class Finds:
    """Finds what a pattern matches."""

    def __init__(self, name, label, pattern):
        self.name, self._label, self._pattern = name, label, re.compile(pattern)

    def inspect(self, sample):
        spans = [match.span() for match in self._pattern.finditer(sample.text)]
        return Inspection(
            tuple(
                Finding(self.name, self._label, Action.REDACT, 1.0, *span, "seen", f"<{self._label}>")
                for span in spans
            )
        )


def guard(rules=RULES):
    policy = Policy.model_validate({"name": "test", "message": "No.", "stages": rules})
    return Guard(policy, [Finds("pii", "MAIL", r"\w+@\w+"), Finds("secrets", "KEY", r"key\w+@?\w*")])


def numbered(placeholders, text, stage=Stage.PASSAGE, made=None):
    return placeholders.numbered(stage, text, (made or guard()).screen(stage, text))


@pytest.fixture
def placeholders():
    return Placeholders(guard().policy)


def test_the_same_value_has_the_same_placeholder_wherever_it_stands(placeholders):
    asked = numbered(placeholders, "Is a@x or b@x right?", Stage.INPUT)
    shown = numbered(placeholders, "b@x, c@x and a@x")
    assert (asked, shown) == ("Is <MAIL_1> or <MAIL_2> right?", "<MAIL_2>, <MAIL_3> and <MAIL_1>")
    assert placeholders.restored("<MAIL_3> not <MAIL_1>.") == "c@x not a@x."


def test_a_placeholder_that_the_model_made_up_is_left_as_text(placeholders):
    numbered(placeholders, "a@x")
    for text in ("<MAIL_2>", "<MAIL>", "<mail_1>", "<MAIL_1", "<NAME_1>", "a < b_1>"):
        assert placeholders.restored(text) == text
    assert not placeholders.used


def test_what_its_rule_does_not_restore_is_gone(placeholders):
    assert numbered(placeholders, "keyabc and a@x") == "<KEY> and <MAIL_1>"
    assert placeholders.restored("<KEY> <KEY_1> <MAIL_1>") == "<KEY> <KEY_1> a@x"


def test_what_overlaps_something_that_is_not_restored_is_gone(placeholders):
    assert numbered(placeholders, "use key1@x now") == "use <MAIL> now"
    assert placeholders.restored("<KEY_1> <MAIL_1>") == "<KEY_1> <MAIL_1>"


def test_a_placeholder_that_stands_in_the_text_itself_is_not_taken(placeholders):
    assert numbered(placeholders, "<MAIL_1> is not a@x") == "<MAIL_1> is not <MAIL_2>"
    assert placeholders.restored("<MAIL_1> is not <MAIL_2>") == "<MAIL_1> is not a@x"


def test_a_label_of_several_words_makes_one_word():
    policy = guard({"passage": {"custom": {"action": "redact", "restore": True}}}).policy
    placeholders = Placeholders(policy)
    made = Guard(policy, [Finds("custom", "project name", "Apollo")])
    assert numbered(placeholders, "Apollo", made=made) == "<project_name_1>"
    assert placeholders.restored("<project_name_1> <project_name_11>") == "Apollo <project_name_11>"


def test_without_restore_the_text_is_the_verdicts_own():
    made = guard({"passage": {"pii": {"action": "redact"}}})
    placeholders = Placeholders(made.policy)
    assert numbered(placeholders, "a@x and a@x", made=made) == "<MAIL> and <MAIL>"
    assert placeholders.hidden("a@x") == "a@x"


@pytest.mark.parametrize("action", ["flag", "block"])
def test_what_is_flagged_or_blocked_makes_no_placeholder(action):
    made = guard({"passage": {"pii": {"action": action}}})
    verdict = made.screen(Stage.PASSAGE, "a@x")
    assert Placeholders(made.policy).numbered(Stage.PASSAGE, "a@x", verdict) == verdict.text


def test_one_request_knows_nothing_of_another(placeholders):
    numbered(placeholders, "a@x")
    assert Placeholders(guard().policy).restored("<MAIL_1>") == "<MAIL_1>"


def test_what_is_kept_has_no_values_and_no_numbers(placeholders):
    numbered(placeholders, "a@x and aa@x")
    assert placeholders.hidden("aa@x, a@x") == "<MAIL_2>, <MAIL_1>"
    assert placeholders.plain("Ask aa@x or <MAIL_1>, not <MAIL_7>.") == "Ask <MAIL> or <MAIL>, not <MAIL_7>."


PIECES = st.sampled_from(
    ["<MAIL_1>", "<MAIL_2>", "<MAIL_9>", "<MAIL", "_1>", "z@x", ". ", " ", "A", "\n", " [1]"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(st.integers(0, 60), max_size=6))
def test_however_the_stream_is_cut_the_reader_gets_the_same_and_no_more(text, cuts):
    made = guard()
    placeholders = Placeholders(made.policy)
    numbered(placeholders, "a@x and b@x")
    stream, sent = GuardedStream(made, lambda _: ()), []
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in pairwise(bounds):
        if stream.grow(text[start:end]):
            sent += stream.screen()
    sent += stream.finish()
    told = "".join(placeholders.restored(verdict.text) for verdict in sent)
    whole = re.sub(r"\w+@\w+", "<MAIL>", text)
    assert told == whole.replace("<MAIL_1>", "a@x").replace("<MAIL_2>", "b@x")
    assert "z@x" not in told
