import pytest

from guardrails.explain import explain
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection, Sample
from guardrails.verdict import FAILED, Action, Finding, Stage

TEXT = "call me at home"


class Scored:
    """A rail that scores every text alike, and knows what its thresholds cost."""

    name = "harm"

    def inspect(self, _sample):
        return Inspection((Finding("harm", "violence", Action.FLAG, 0.6, 0, 4, "because"),), 0.6)

    def threshold_at(self, false_positives):
        return 1 - 10 * false_positives


class Broken:
    name = "pii"

    def inspect(self, _sample):
        raise ZeroDivisionError


def seen(rail, **rule):
    stages = {"input": {rail.name: rule}}
    policy = Policy.model_validate({"name": "t", "message": "Stopped.", "stages": stages})
    told = explain(Guard(policy, [rail], thorough=True), Sample(TEXT, Stage.INPUT))
    assert told.policy == policy.version
    (one,) = told.rails
    return told.verdict, one


@pytest.mark.parametrize(
    ("rule", "threshold", "origin", "counts"),
    [
        ({"threshold": 0.6}, 0.6, "threshold", True),
        ({"threshold": 0.61}, 0.61, "threshold", False),
        ({"false_positives": 0.05}, 0.5, "false_positives", True),
        ({"false_positives": 0.01}, 0.9, "false_positives", False),
        ({}, 0.5, "default", True),
    ],
)
def test_each_rail_tells_its_threshold_where_it_is_from_and_what_is_below(rule, threshold, origin, counts):
    verdict, rail = seen(Scored(), action="block", **rule)
    assert (rail.threshold, rail.origin, rail.score) == (pytest.approx(threshold), origin, 0.6)
    assert (len(rail.findings), len(rail.below)) == ((1, 0) if counts else (0, 1))
    assert rail.action is verdict.action is (Action.BLOCK if counts else Action.ALLOW)


def test_what_a_rail_in_shadow_would_do_is_told_beside_a_verdict_without_it():
    verdict, rail = seen(Scored(), action="block", shadow=True)
    assert (rail.action, rail.shadow, verdict.action, verdict.text) == (
        Action.BLOCK,
        True,
        Action.ALLOW,
        TEXT,
    )


@pytest.mark.parametrize(("fail", "action"), [("closed", Action.BLOCK), ("open", Action.FLAG)])
def test_a_rail_that_failed_says_so(fail, action):
    _, rail = seen(Broken(), action="redact", fail=fail)
    assert (rail.findings[0].label, rail.action, rail.fail) == (FAILED, action, fail)
    assert "ZeroDivisionError" in rail.findings[0].reason


def test_rails_of_other_stages_are_not_told_of():
    policy = Policy.model_validate({"name": "t", "message": "m", "stages": {"output": {}}})
    assert explain(Guard(policy, [Scored()]), Sample(TEXT, Stage.OUTPUT)).rails == ()
