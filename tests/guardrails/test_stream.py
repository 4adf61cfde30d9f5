import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.custom import CustomRail
from guardrails.custom_options import Custom
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection
from guardrails.secrets import Secrets
from guardrails.stream import GuardedStream
from guardrails.verdict import Action, Finding

KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqh. Vq.\nAbcd\n-----END PRIVATE KEY-----"


class Words:
    """Finds every occurrence of one word."""

    def __init__(self, name, word):
        self.name, self.word = name, word

    def inspect(self, sample):
        spans = [match.span() for match in re.finditer(self.word, sample.text)]
        return Inspection(
            tuple(Finding(self.name, "word", Action.ALLOW, 1.0, *span, "because", "#") for span in spans)
        )


STAGES = {
    "output": {
        "pii": {"action": "redact"},
        "topics": {"action": "block"},
        "secrets": {"action": "redact"},
    }
}


def stream(context_of=lambda _: ()):
    policy = Policy.model_validate({"name": "test", "message": "Stopped.", "stages": STAGES})
    rails = [Words("pii", "secret"), Words("topics", "forbidden"), Secrets()]
    return GuardedStream(Guard(policy, rails), context_of)


def feed(guarded, delta):
    return guarded.screen() if guarded.grow(delta) else []


def run(deltas):
    guarded = stream()
    sent = [verdict.text for delta in deltas for verdict in feed(guarded, delta)]
    return "".join(sent) + "".join(verdict.text for verdict in guarded.finish())


PIECES = st.sampled_from(
    [*"Ab []", "\n", "secret", "sec", "ret", "forbidden", ". ", "25 days", " [1]", "1]", "e.g. ", "3.5", KEY]
)


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(0, 60), max_size=6))
def test_streamed_equals_not_streamed_and_nothing_hidden_is_sent(text, cuts):
    places = sorted({min(cut, len(text)) for cut in cuts})
    deltas = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    streamed = run(deltas)
    assert streamed == run([text])
    assert "secret" not in streamed
    assert "MIIE" not in streamed
    if "forbidden" not in text:
        assert streamed == text.replace("secret", "#").replace(KEY, "<PRIVATE_KEY>")


@given(st.lists(PIECES, max_size=14).map("".join))
def test_letter_by_letter_equals_not_streamed(text):
    assert run(list(text)) == run([text])


def test_a_sentence_is_held_back_until_it_is_complete():
    guarded = stream()
    assert feed(guarded, "It takes 25 days") == []
    assert feed(guarded, ". [1]") == []
    assert [verdict.text for verdict in feed(guarded, " Then it")] == ["It takes 25 days. [1] "]
    assert [verdict.text for verdict in guarded.finish()] == ["Then it"]
    assert guarded.finish() == []


def test_after_a_block_nothing_more_comes_out():
    guarded = stream()
    verdicts = feed(guarded, "One. A forbidden word. Two. ") + feed(guarded, "Three. Four")
    assert [verdict.text for verdict in verdicts] == ["One. ", "Stopped."]
    assert guarded.blocked
    assert guarded.finish() == []


@pytest.mark.parametrize("deltas", [["One [1]. ", "Two [2]."], ["One [1]. Two [2]."]])
def test_each_sentence_is_judged_with_the_context_it_asks_for(deltas):
    asked = []
    guarded = stream(lambda unit: asked.append(unit) or ())
    for delta in deltas:
        feed(guarded, delta)
    guarded.finish()
    assert asked == ["One [1]. ", "Two [2]."]


class Watched:
    """Keeps the texts that it is shown, and finds nothing."""

    name = "custom"

    def __init__(self):
        self.seen = []

    def inspect(self, sample):
        self.seen.append(sample.text)
        return Inspection()

    def unfinished(self, sample):
        self.seen.append(sample.text)
        return False


class Answers:
    """A rail that is shown texts as another is, and does not say whether they are unfinished."""

    name = "custom"

    def __init__(self, rail):
        self.inspect = rail.inspect


def watching(rail, most=8_000):
    rules = {"output": {"custom": {"action": "block"}}}
    policy = Policy.model_validate({"name": "test", "message": "Stopped.", "stages": rules})
    return GuardedStream(Guard(policy, [rail]), lambda _: (), most)


@pytest.mark.parametrize(
    ("text", "may_end"),
    [("One. Two", True), ("One.", False), ("One. ", False), ("e.g. two", False), ("x " * 300, True)],
)
def test_growing_tells_whether_a_sentence_may_have_ended_and_runs_no_rail(text, may_end):
    rail = Watched()
    guarded = watching(rail, most=400)
    assert guarded.grow(text) is may_end
    assert rail.seen == []
    guarded.screen()
    assert bool(rail.seen) is may_end


def test_a_judge_is_asked_of_what_leaves_and_not_of_where_to_cut_it():
    judge, listed = Watched(), Watched()
    asks = Custom(name="asks", judge={"url": "u", "model": "m", "violation": "v"})
    guarded = watching(CustomRail(asks, Answers(judge)), most=400)
    sent = feed(guarded, "word " * 300)
    assert judge.seen == [verdict.text for verdict in sent]
    guarded = watching(CustomRail(Custom(name="lists", words=["x"]), Answers(listed)), most=400)
    sent = feed(guarded, "word " * 300)
    assert len(listed.seen) == 2 * len(sent)
