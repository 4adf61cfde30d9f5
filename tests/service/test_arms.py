"""The figures of a comparison's arms, from the ledger."""

from ingest.access import Principal
from service.answer import Answer
from service.arms import ArmFigures, arms

ANNA = Principal("acme", "anna", frozenset(), frozenset({"chat"}))


def answered(ledger, number, arm, **more):
    told = {"text": "Thirty.", "finish_reason": "stop", "grounded": 0.5} | more
    model = {"baseline": "qa-1", "candidate": "qa-2"}.get(arm, "qa-1")
    ledger.record(ANNA, "Why?", Answer(f"ans-{number}", model, arm=arm, **told))


def test_each_arm_has_its_answers_shares_and_last_ratings(ledger):
    answered(ledger, 1, "baseline", grounded=1.0)
    answered(ledger, 2, "baseline", refused=True, grounded=0.0)
    answered(ledger, 3, "candidate", finish_reason="content_filter", grounded=0.25)
    answered(ledger, 4, "")
    for rating in ("up", "down"):
        ledger.rate(ANNA, "ans-1", rating, None, None)
    ledger.rate(ANNA, "ans-3", "up", None, None)
    assert arms(ledger, "") == [
        ArmFigures("baseline", "qa-1", 2, 0.5, 1.0, 0.0, 0, 1),
        ArmFigures("candidate", "qa-2", 1, 0.0, 0.25, 1.0, 1, 0),
    ]
    assert arms(ledger, "9999") == []
