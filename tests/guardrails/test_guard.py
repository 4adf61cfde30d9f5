from contextlib import contextmanager

import pytest

from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection
from guardrails.verdict import FAILED, Action, Finding, Stage

TEXT = "call me at home"


class Fake:
    """A rail that finds what it is told to find, and counts how often it was asked."""

    def __init__(self, name, *spans, score=0.9, overall=None, error=None):
        self.name, self.spans, self.score, self.overall, self.error = name, spans, score, overall, error
        self.asked = 0

    def inspect(self, _sample):
        self.asked += 1
        if self.error is not None:
            raise self.error
        found = [
            Finding(self.name, "found", Action.ALLOW, self.score, start, end, "because", f"<{self.name}>")
            for start, end in self.spans
        ]
        return Inspection(tuple(found), self.overall)


def guard(rails, thorough=False, **rules):
    stages = {"input": {name: {"threshold": 0.5, **rule} for name, rule in rules.items()}}
    policy = Policy.model_validate({"name": "test", "message": "Stopped.", "stages": stages})
    return Guard(policy, rails, thorough=thorough)


def test_whoever_watches_sees_the_stage_and_each_rail_that_is_asked():
    seen = []

    @contextmanager
    def watch(stage, rail):
        seen.append(("in", stage, rail))
        yield
        seen.append(("out", stage, rail))

    broken = Fake("pii", error=ValueError("quotes the text"))
    plain = guard([broken, Fake("injection")], pii={"action": "flag", "fail": "open"})
    Guard(plain.policy, [broken, Fake("injection")], watch=watch).screen(Stage.INPUT, TEXT)
    inside = [("in", Stage.INPUT, "pii"), ("out", Stage.INPUT, "pii")]
    assert seen == [("in", Stage.INPUT, None), *inside, ("out", Stage.INPUT, None)]


def test_without_findings_the_text_passes():
    verdict = guard([Fake("pii")], pii={"action": "redact"}).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.text, verdict.findings) == (Action.ALLOW, TEXT, ())


def test_a_flag_leaves_the_text_alone():
    verdict = guard([Fake("pii", (0, 4))], pii={"action": "flag"}).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.text) == (Action.FLAG, TEXT)
    assert verdict.findings[0].action is Action.FLAG


def test_redactions_of_two_rails_are_merged():
    rails = [Fake("pii", (0, 4)), Fake("secrets", (2, 7), (11, 15))]
    verdict = guard(rails, pii={"action": "redact"}, secrets={"action": "redact"}).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.text) == (Action.REDACT, "<secrets> at <secrets>")
    assert [found.start for found in verdict.findings] == [0, 2, 11]


def test_a_block_wins_and_later_rails_are_not_asked():
    late = Fake("topics")
    rails = [Fake("pii", (0, 4)), Fake("injection", (0, 15)), late]
    rules = {
        "pii": {"action": "redact"},
        "injection": {"action": "block", "message": "No tricks."},
        "topics": {"action": "block"},
    }
    verdict = guard(rails, **rules).screen(Stage.INPUT, TEXT)
    assert (verdict.blocked, verdict.text, late.asked) == (True, "No tricks.", 0)
    assert {found.rail for found in verdict.findings} == {"pii", "injection"}


def test_a_thorough_guard_asks_every_rail():
    late = Fake("topics", overall=0.2)
    rails = [Fake("injection", (0, 15), overall=0.97), late]
    rules = {"injection": {"action": "block"}, "topics": {"action": "block"}}
    verdict = guard(rails, thorough=True, **rules).screen(Stage.INPUT, TEXT)
    assert verdict.blocked
    assert verdict.scores == {"injection": 0.97, "topics": 0.2}


def test_findings_below_the_threshold_are_dropped_and_the_score_is_kept():
    rails = [Fake("injection", (0, 4), score=0.49, overall=0.49)]
    verdict = guard(rails, injection={"action": "block"}).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.findings, verdict.scores) == (Action.ALLOW, (), {"injection": 0.49})


def test_a_rail_that_the_stage_does_not_name_is_not_asked():
    rail = Fake("pii", (0, 4))
    verdict = guard([rail], pii={"action": "redact"}).screen(Stage.OUTPUT, TEXT)
    assert (verdict.action, rail.asked) == (Action.ALLOW, 0)


@pytest.mark.parametrize("error", [ValueError(TEXT), RuntimeError(TEXT), KeyError(TEXT), MemoryError()])
def test_a_rail_that_breaks_fails_closed_and_says_which(error):
    verdict = guard([Fake("pii", error=error)], pii={"action": "flag"}).screen(Stage.INPUT, TEXT)
    (found,) = verdict.findings
    assert (verdict.action, verdict.text) == (Action.BLOCK, "Stopped.")
    assert (found.rail, found.label) == ("pii", FAILED)
    assert type(error).__name__ in found.reason
    assert "test_guard.py" in found.reason


def test_a_rail_that_breaks_may_fail_open_and_is_flagged():
    rails = [Fake("pii", error=ValueError("broken")), Fake("secrets", (0, 4))]
    rules = {"pii": {"action": "block", "fail": "open"}, "secrets": {"action": "redact"}}
    verdict = guard(rails, **rules).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.text) == (Action.REDACT, "<secrets> me at home")
    assert [(found.rail, found.action) for found in verdict.findings if found.label == FAILED] == [
        ("pii", Action.FLAG)
    ]


def test_the_reason_of_a_failure_never_quotes_the_text():
    verdict = guard([Fake("pii", error=ValueError(TEXT))], pii={"action": "flag"}).screen(Stage.INPUT, TEXT)
    assert all(TEXT not in found.reason for found in verdict.findings)


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        guard([Fake("pii", error=KeyboardInterrupt())], pii={"action": "flag"}).screen(Stage.INPUT, TEXT)


def test_a_rule_in_shadow_is_on_record_and_has_no_effect():
    rails = [Fake("secrets", (0, 4)), Fake("pii", (5, 7))]
    verdict = guard(rails, secrets={"action": "block", "shadow": True}, pii={"action": "redact"}).screen(
        Stage.INPUT, TEXT
    )
    assert (verdict.action, verdict.text) == (Action.REDACT, "call <pii> at home")
    assert [(found.rail, found.action, found.shadow) for found in verdict.findings] == [
        ("secrets", Action.BLOCK, True),
        ("pii", Action.REDACT, False),
    ]
    assert [found.rail for found in verdict.acting] == ["pii"]


def test_a_rail_in_shadow_that_fails_is_on_record_and_blocks_nothing():
    rails = [Fake("pii", error=ValueError("quotes the text"))]
    verdict = guard(rails, pii={"action": "redact", "shadow": True}).screen(Stage.INPUT, TEXT)
    assert (verdict.action, verdict.findings[0].label, verdict.findings[0].shadow) == (
        Action.ALLOW,
        FAILED,
        True,
    )


class Knowing(Fake):
    """A rail that knows what its thresholds cost."""

    def threshold_at(self, false_positives):
        return 1 - 10 * false_positives


@pytest.mark.parametrize(("bearable", "action"), [(0.02, Action.BLOCK), (0.001, Action.ALLOW)])
def test_a_share_of_false_positives_stands_for_the_threshold_that_costs_it(bearable, action):
    rail = Knowing("harm", (0, 4), score=0.9)
    policy = {
        "name": "t",
        "message": "m",
        "stages": {"input": {"harm": {"action": "block", "false_positives": bearable}}},
    }
    assert Guard(Policy.model_validate(policy), [rail]).screen(Stage.INPUT, TEXT).action is action


class Reader:
    """Someone from whom something is withheld."""

    key = "anna"

    def among(self, shingles):
        return shingles


def test_a_guard_that_faces_a_reader_tells_its_rails_what_is_withheld():
    seen = []

    class Leakage(Fake):
        def inspect(self, sample):
            seen.append(sample.withheld.key)
            return super().inspect(sample)

    plain = guard([Leakage("secrets")], secrets={"action": "block"})
    plain.facing(Reader()).screen(Stage.INPUT, TEXT)
    plain.screen(Stage.INPUT, TEXT)
    assert seen == ["anna", ""]


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("action", ["flag", "redact", "block"])
@pytest.mark.parametrize(
    ("fail", "shadow", "found", "followed"),
    [
        ("closed", False, Action.BLOCK, Action.BLOCK),
        ("open", False, Action.FLAG, Action.FLAG),
        ("closed", True, Action.BLOCK, Action.ALLOW),
        ("open", True, Action.FLAG, Action.ALLOW),
    ],
)
def test_what_follows_from_a_failure_is_as_the_rule_fails_whatever_it_does_otherwise(
    stage, action, fail, shadow, found, followed
):
    rule = {"action": action, "fail": fail, "shadow": shadow, "threshold": 1.0}
    policy = {"name": "t", "message": "Stopped.", "stages": {stage: {"pii": rule}}}
    verdict = Guard(Policy.model_validate(policy), [Fake("pii", error=OSError(TEXT))]).screen(stage, TEXT)
    (failed,) = verdict.findings
    assert (failed.label, failed.action, failed.shadow) == (FAILED, found, shadow)
    assert verdict.action is followed
    assert (verdict.text, verdict.judged) == ("Stopped." if followed is Action.BLOCK else TEXT, TEXT)


def test_a_rail_that_fails_open_does_not_stop_the_rails_after_it():
    late = Fake("injection", (0, 4))
    rules = {"pii": {"action": "block", "fail": "open"}, "injection": {"action": "block"}}
    verdict = guard([Fake("pii", error=OSError()), late], **rules).screen(Stage.INPUT, TEXT)
    assert (verdict.action, late.asked) == (Action.BLOCK, 1)
    assert {found.label for found in verdict.findings} == {FAILED, "found"}
