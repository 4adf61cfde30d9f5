"""What each rail saw of a text: its score, the threshold, what followed, and how long it took."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from guardrails.guard import Guard, inspected, threshold
from guardrails.policy import Rule
from guardrails.rail import Calibrated, Rail, Sample
from guardrails.verdict import Action, Finding, Verdict

Origin = Literal["threshold", "false_positives", "default"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One rail at work. `score` is None for rails that give none; `findings` are those that count.

    `below` are what it saw and was not sure enough of. `origin` says where the threshold is from: the rule's
    own, its share of false positives, or what holds where it names none. `action` is what follows from the
    findings, `allow` from none. Milliseconds are of a second look, when everything is loaded.
    """

    rail: str
    score: float | None
    threshold: float
    origin: Origin
    action: Action
    shadow: bool
    fail: Literal["closed", "open"]
    findings: tuple[Finding, ...]
    below: tuple[Finding, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on a text, and what each rail had a part in it."""

    policy: str
    verdict: Verdict
    rails: tuple[Seen, ...]


def explain(guard: Guard, sample: Sample) -> Explanation:
    """Judge `sample` by a thorough guard, and look again rail by rail."""
    verdict = guard.judge(sample)
    return Explanation(guard.policy.version, verdict, tuple(_seen(guard, sample, verdict)))


def _seen(guard: Guard, sample: Sample, verdict: Verdict) -> Iterator[Seen]:
    rules = guard.policy.rules(sample.stage)
    for rail in guard.rails:
        if rail.name not in rules:
            continue
        rule = rules[rail.name]
        least = threshold(rule, rail)
        began = time.perf_counter()
        inspection = inspected(rail, sample, rule)
        took = (time.perf_counter() - began) * 1_000
        findings = tuple(found for found in verdict.findings if found.rail == rail.name)
        yield Seen(
            rail=rail.name,
            score=inspection.score,
            threshold=least,
            origin=_origin(rule, rail),
            action=max((found.action for found in findings), key=_severity, default=Action.ALLOW),
            shadow=rule.shadow,
            fail=rule.fail,
            findings=findings,
            below=tuple(found for found in inspection.findings if found.score < least),
            milliseconds=round(took, 2),
        )


def _severity(action: Action) -> int:
    return action.severity


def _origin(rule: Rule, rail: Rail) -> Origin:
    if rule.false_positives is not None and isinstance(rail, Calibrated):
        return "false_positives"
    return "default" if rule.threshold is None else "threshold"
