"""Custom rails: what they find and what they leave alone, and what a policy may say of each."""
# ruff: noqa: E501 one entry a line

import pytest
import yaml

from guardrails.build import build_guard
from guardrails.errors import PolicyError
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.policy_file import lineage, load_policy
from guardrails.rail import Inspection
from guardrails.verdict import FAILED, Action, Finding, Stage

STAGES = {"input": {"custom": {"action": "block"}}, "output": {"custom": {"action": "redact"}}}


def guard(*entries, stages=STAGES) -> Guard:
    policy = {"name": "t", "message": "Stopped.", "stages": stages, "rails": {"custom": entries}}
    return build_guard(Policy.model_validate(policy), None)


def found(entry, text, stage=Stage.OUTPUT):
    verdict = guard(entry).screen(stage, text)
    return [text[found.start : found.end] for found in verdict.findings]


NUMBER = {"name": "staff-number", "patterns": [r"\bEMP-\d{6}\b", r"(?i)badge (?:no|number)\.? \d+"]}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Ask EMP-123456 or EMP-654321.", ["EMP-123456", "EMP-654321"]),
        ("It says BADGE NO. 17 on it.", ["BADGE NO. 17"]),
        ("Ask EMP-12345, EMP-1234567 or XEMP-123456.", []),
        ("The badge is number 17.", []),
        ("", []),
    ],
)
def test_patterns_find_what_they_match(text, spans):
    assert found(NUMBER, text) == spans


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(?:(a+)\1)+$"])
def test_a_pattern_that_would_take_for_ever_fails_closed(pattern):
    verdict = guard({"name": "slow", "patterns": [pattern]}).screen(Stage.INPUT, "a" * 5_000 + "!")
    assert (verdict.action, verdict.findings[0].label) == (Action.BLOCK, FAILED)
    assert "RailError" in verdict.findings[0].reason


NAMES = ["Borealis", "project north star", "Ärger", "sale"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("We call it borealis.", ["borealis"]),
        ("BOREALIS' budget, Borealis's team", ["BOREALIS'", "Borealis's"]),
        ("Project North-Star, project\nnorth  stars", ["Project North-Star", "project\nnorth  stars"]),
        ("Das macht Arger.", ["Arger"]),
        ("b0real1s and Borea\u200blis and B\u043erealis", ["b0real1s", "Borea\u200blis", "B\u043erealis"]),
        ("b o r e a l i s, b.o.r.e.a.l.i.s!", ["b o r e a l i s", "b.o.r.e.a.l.i.s"]),
        ("ｂｏｒｅａｌｉｓ", ["ｂｏｒｅａｌｉｓ"]),  # noqa: RUF001 a disguise
        ("Two sales: $ale!", ["sales", "$ale"]),
        ("A borealistic mood, arborealis", []),
        ("A project north of the star", []),
        ("The salesman, a salad, wholesale", []),
        ("a b c d e f, 50 5 80, Boreal Is", []),
        ("", []),
    ],
)  # fmt: skip
def test_words_are_found_however_they_are_written_and_only_whole(text, spans):
    assert found({"name": "names", "words": NAMES}, text) == spans


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"case": True}, "borealis"),
        ({"accents": True}, "Arger"),
        ({"inflected": False}, "two sales"),
        ({"disguised": False}, "b0realis, Borea\u200blis, b o r e a l i s"),
    ],
)
def test_what_words_overlook_can_be_told(option, text):
    assert found({"name": "names", "words": {"terms": NAMES, **option}}, text) == []
    assert found({"name": "names", "words": {"terms": NAMES, **option}}, "Borealis") == ["Borealis"]


def test_words_may_stand_in_a_file_which_is_watched(tmp_path):
    (tmp_path / "names.txt").write_text("# code names\nBorealis\n\n Meri \n")
    file = tmp_path / "policy.yaml"
    entry = {"name": "names", "words": {"file": "names.txt", "terms": ["Nuppi"]}}
    file.write_text(yaml.safe_dump({"extends": "open", "name": "own", "rails": {"custom": [entry]}}))
    policy = load_policy(file)
    assert policy.rails.custom[0].words.terms == ("Nuppi", "Borealis", "Meri")
    assert tmp_path / "names.txt" in lineage(file)
    (tmp_path / "names.txt").write_text("Aura\n")
    assert load_policy(file).version != policy.version


def test_an_entry_says_what_follows_from_it_before_the_rule_does():
    entries = [
        {"name": "mild", "words": ["mild"], "action": "flag"},
        {"name": "unsure", "words": ["unsure"], "score": 0.2, "threshold": 0.1, "replacement": "?"},
        {"name": "doubtful", "words": ["doubtful"], "score": 0.2},
        {"name": "early", "words": ["early"], "stages": ["input"], "message": {"en": "No.", "de": "Nein."}},
    ]
    text = "mild unsure doubtful early"
    verdict = guard(*entries).screen(Stage.OUTPUT, text)
    assert (verdict.action, verdict.text) == (Action.REDACT, "mild ? doubtful early")
    assert [(each.rail, each.label, each.action) for each in verdict.findings] == [
        ("custom", "mild", Action.FLAG),
        ("custom", "unsure", Action.REDACT),
    ]
    assert guard(*entries).screen(Stage.INPUT, "early").text == "No."
    assert guard(*entries).screen(Stage.INPUT, "unsure").text == "Stopped."


def test_what_is_taken_out_is_named_after_its_entry_or_as_the_rule_says():
    assert guard(NUMBER).screen(Stage.OUTPUT, "Ask EMP-123456. ").text == "Ask <STAFF-NUMBER>. "
    rule = {"output": {"custom": {"action": "redact", "replacement": "(removed)"}}}
    assert guard(NUMBER, stages=rule).screen(Stage.OUTPUT, "Ask EMP-123456.").text == "Ask (removed)."


class Whole:
    """Somebody's own rail: it does not like short texts."""

    name = "short"

    def __init__(self, least):
        self.least = least

    def inspect(self, sample):
        size = len(sample.text)
        finding = Finding(self.name, "x", Action.FLAG, 1.0, 0, size, "is short", "(too short)")
        return Inspection((finding,) if size < self.least else ())


def test_code_of_your_own_is_a_rail(monkeypatch):
    monkeypatch.setattr("guardrails.custom.Whole", Whole, raising=False)
    entry = {"name": "short", "python": {"factory": "guardrails.custom:Whole", "options": {"least": 5}}}
    verdict = guard(entry).screen(Stage.OUTPUT, "Hm. ")
    assert verdict.text == "(too short) "
    assert (verdict.findings[0].rail, verdict.findings[0].label) == ("custom", "short")
    assert guard(entry).screen(Stage.OUTPUT, "Long enough").action is Action.ALLOW


def broken():
    """A factory that fails as none should."""
    return 1 / 0


@pytest.mark.parametrize(
    ("factory", "told"),
    [
        ("nowhere.at_all:Rail", "cannot be imported"),
        ("guardrails.custom:Nothing", "Nothing"),
        ("guardrails.custom:custom_rails", "does not take the options"),
        ("builtins:dict", "returns no Rail"),
        ("tests.guardrails.test_custom:broken", "it failed with ZeroDivisionError at test_custom.py"),
    ],
)
def test_code_that_is_no_rail_is_a_clear_error(factory, told):
    with pytest.raises(PolicyError, match=told) as raised:
        guard({"name": "own", "python": factory})
    assert "rails.custom: own: python" in str(raised.value)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{name: x, patterns: ['fine',\n      '(broken']}", ["line 7: rails.custom.0.patterns.1", "missing )"]),
        ("{name: x, words: []}", ["line 6: rails.custom.0.words", "at least 1"]),
        ("{name: x, words: {file: none.txt}}", ["rails.custom.0.words", "cannot be read"]),
        ("{name: x}", ["rails.custom.0", "exactly one of patterns, words, judge, python"]),
        ("{name: x, words: [a], patterns: [b]}", ["exactly one"]),
        ("{name: x, words: [a], stages: [document]}", ["stages.document.custom", "add a rule"]),
        ("{name: failed, words: [a]}", ["another name"]),
        ("{name: 'a b', words: [a]}", ["rails.custom.0.name"]),
        ("{name: x, python: nothing}", ["rails.custom.0.python.factory"]),
        ("{name: x, words: [a]}\n  - {name: x, words: [b]}", ["two entries are called x"]),
        ("{name: x, judge: {url: u, model: m}}", ["rails.custom.0.judge.violation", "Add it"]),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_told_with_its_line(tmp_path, entry, told):
    file = tmp_path / "policy.yaml"
    file.write_text(
        f"name: x\nmessage: m\nstages: {{input: {{custom: {{action: block}}}}}}\nrails:\n  custom:\n  - {entry}\n"
    )
    with pytest.raises(PolicyError) as raised:
        load_policy(file)
    assert all(part in str(raised.value) for part in told), str(raised.value)


def test_an_entry_that_breaks_down_stops_no_other(monkeypatch):
    stages = {"input": {"custom": {"action": "block", "fail": "open"}}}
    slow = {"name": "slow", "patterns": [r"(a+)+$"]}
    text = "borealis " + "a" * 5_000 + "!"
    verdict = guard(slow, {"name": "names", "words": ["Borealis"]}, stages=stages).screen(Stage.INPUT, text)
    assert verdict.blocked
    assert {each.label for each in verdict.findings} == {FAILED, "names"}
