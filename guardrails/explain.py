"""What each rail saw of a text: its score, the threshold, what followed, and how long it took."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from guardrails.guard import Guard, inspected, threshold
from guardrails.policy import Rule
from guardrails.rail import Calibrated, Inspection, Rail, Sample
from guardrails.verdict import Action, Finding, Verdict

Origin = Literal["threshold", "false_positives", "default"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One rail at work. `score` is None for rails that give none; `findings` are those that count.

    `below` are what it saw and was not sure enough of. `origin` says where the threshold is from: the rule's
    own, its share of false positives, or what holds where it names none. `action` is what follows from the
    findings, `allow` from none. Milliseconds are of a first look at this text, when everything is loaded: of
    rails that share a model, the first pays for all.
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
    """Look at `sample` rail by rail, and have a thorough guard judge it."""
    guard.judge(replace(sample, text="Is everything loaded?", vector=None))
    looks = [(rail, rule, *_look(rail, sample, rule)) for rail, rule in _asked(guard, sample)]
    verdict = guard.judge(sample)
    rails = tuple(_seen(verdict, *look) for look in looks)
    return Explanation(guard.policy.version, verdict, rails)


def _asked(guard: Guard, sample: Sample) -> Iterator[tuple[Rail, Rule]]:
    rules = guard.policy.rules(sample.stage)
    return ((rail, rules[rail.name]) for rail in guard.rails if rail.name in rules)


def _look(rail: Rail, sample: Sample, rule: Rule) -> tuple[Inspection, float]:
    """What the rail says, and after how many milliseconds."""
    began = time.perf_counter()
    inspection = inspected(rail, sample, rule)
    return inspection, (time.perf_counter() - began) * 1_000


def _seen(verdict: Verdict, rail: Rail, rule: Rule, inspection: Inspection, took: float) -> Seen:
    least = threshold(rule, rail)
    findings = tuple(found for found in verdict.findings if found.rail == rail.name)
    return Seen(
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
