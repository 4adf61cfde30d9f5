"""A guard that remembers its verdicts on passages and answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrails.memory import RememberingGuard
from guardrails.policy import Policy
from guardrails.rail import Inspection, Sample
from guardrails.verdict import Action, Finding, Stage

RULES = {"secrets": {"action": "redact"}}
POLICY = Policy.model_validate(
    {"name": "test", "message": "No.", "stages": dict.fromkeys(("input", "passage", "output"), RULES)}
)


class Counting:
    """Finds the word "secret", or fails, and counts how often it is asked."""

    name = "secrets"

    def __init__(self):
        self.asked, self.broken = 0, False

    def inspect(self, sample):
        self.asked += 1
        if self.broken:
            raise RuntimeError
        at = sample.text.find("secret")
        found = [Finding(self.name, "word", Action.REDACT, 1.0, at, at + 6, "told", replacement="<x>")]
        return Inspection(tuple(found) if at >= 0 else ())


@pytest.fixture
def rail():
    return Counting()


@pytest.fixture
def guard(rail):
    return RememberingGuard(POLICY, [rail], most=2)


@pytest.mark.parametrize("stage", [Stage.PASSAGE, Stage.OUTPUT])
def test_a_text_that_comes_again_has_the_same_verdict_and_runs_no_rail(guard, rail, stage):
    first, again = (guard.screen(stage, "a secret", context=["x"]) for _ in range(2))
    assert (first, first.text, rail.asked) == (again, "a <x>", 1)


def test_a_question_is_screened_each_time(guard, rail):
    for _ in range(2):
        guard.screen(Stage.INPUT, "a secret")
    assert rail.asked == 2


class Held:
    """Withholds nothing; `key` says from whom."""

    def __init__(self, key):
        self.key = key

    def among(self, _shingles):
        return ()


def test_an_answer_is_told_apart_by_what_was_said_before_and_by_what_its_reader_must_not_learn(guard, rail):
    samples = [
        Sample("ab", Stage.OUTPUT),
        Sample("ab", Stage.OUTPUT, said=("a",)),
        Sample("ab", Stage.OUTPUT, history=("a",)),
        Sample("ab", Stage.OUTPUT, ("a",)),
        Sample("ab", Stage.OUTPUT, labels=frozenset({"a"})),
    ]
    for sample in samples:
        guard.judge(sample)
    guard.facing(Held("a")).judge(samples[0])
    assert rail.asked == 6


def test_a_passage_is_the_same_for_every_reader(guard, rail):
    for key in "ab":
        guard.facing(Held(key)).screen(Stage.PASSAGE, "ab")
    assert rail.asked == 1


def test_another_stage_context_or_cut_is_another_text(guard, rail):
    guard.screen(Stage.PASSAGE, "ab")
    guard.screen(Stage.OUTPUT, "ab")
    guard.screen(Stage.OUTPUT, "a", context=["b"])
    guard.screen(Stage.OUTPUT, "", context=["a", "b"])
    assert rail.asked == 4


def test_some_rails_and_all_of_them_judge_apart(guard, rail):
    told = [guard.screen(Stage.PASSAGE, "a secret", only=only).text for only in ({"pii"}, None, {"secrets"})]
    assert (told, rail.asked) == (["a secret", "a <x>", "a <x>"], 2)
    assert guard.screen(Stage.PASSAGE, "a secret", only=["pii"]).text == "a secret"


def test_the_verdict_of_a_rail_that_failed_is_not_remembered(guard, rail):
    rail.broken = True
    assert guard.screen(Stage.PASSAGE, "a secret").findings
    rail.broken = False
    assert guard.screen(Stage.PASSAGE, "a secret").text == "a <x>"


def test_the_longest_unused_is_forgotten_first(guard, rail):
    for text in ("one", "two", "one", "three", "one", "two"):
        guard.screen(Stage.PASSAGE, text)
    assert rail.asked == 4


def test_threads_may_share_it(guard):
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda n: guard.screen(Stage.PASSAGE, f"secret {n % 5}").text, range(200)))
    assert told == [f"<x> {n % 5}" for n in range(200)]


def test_what_one_reader_may_be_told_is_asked_anew_for_another(guard, rail):
    class Reader:
        def __init__(self, key):
            self.key = key

        def among(self, shingles):
            return shingles

    for key in ("anna", "bob", "anna"):
        guard.facing(Reader(key)).screen(Stage.OUTPUT, "a secret")
    assert rail.asked == 2
