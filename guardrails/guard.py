"""The guard: runs a stage's rails, cheap ones first, and turns what they find into one verdict."""

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Self

from guardrails.language import spoken
from guardrails.outcome import Outcome
from guardrails.policy import Policy, Rule
from guardrails.rail import (
    NOTHING_WITHHELD,
    Calibrated,
    Embedded,
    Inspection,
    OfKind,
    Rail,
    Sample,
    Spanning,
    Withheld,
)
from guardrails.redaction import redact
from guardrails.values import VALUES, unwrapped
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict

UNSURE = 0.5
"""The threshold of a rule that names none."""

_TO_SCORE = Rule(action=Action.ALLOW, fail="open")

Watch = Callable[[Stage, str | None], AbstractContextManager[object]]
"""Entered around a stage's rails (no name) and around each of them (its name)."""


def unwatched(_stage: Stage, _rail: str | None) -> AbstractContextManager[object]:
    """Nobody watches."""
    return nullcontext()


class Guard:
    """Rails under a policy. Text goes in, a verdict comes out; a rail's failure is a finding too.

    `rails` hold every rail that the policy names, in the order to run them; after one has blocked no other
    runs, except on documents. A `thorough` guard runs all, and the learned ones at every stage, to report
    every score. `watch` may time them.
    """

    def __init__(
        self, policy: Policy, rails: Sequence[Rail], *, thorough: bool = False, watch: Watch = unwatched
    ) -> None:
        self.policy = policy
        self.rails = tuple(rails)
        self._thorough = thorough
        self._watch = watch
        self._withheld: Withheld = NOTHING_WITHHELD
        self._thresholds = {
            (stage, rail.name): threshold(rule, rail)
            for stage in policy.stages
            for rail in rails
            if (rule := policy.rules(stage).get(rail.name))
        }

    def facing(self, withheld: Withheld) -> Self:
        """The same guard, for a reader from whom something is withheld. Costs nothing."""
        other = copy.copy(self)
        other._withheld = withheld  # noqa: SLF001  # its own class
        return other

    def screen(
        self,
        stage: Stage,
        text: str,
        *,
        context: Sequence[str] = (),
        vector: Embedded | None = None,
        only: Collection[str] | None = None,
    ) -> Verdict:
        """Judge `text` at `stage`. Never raises for what a rail does.

        `context` holds the passages that an answer rests on; `vector` is the text's embedding
        if the caller has it; `only` names the rails to run, or their kinds, where it is not for all of them.
        """
        return self.judge(Sample(text, stage, tuple(context), vector), only)

    def judge(self, sample: Sample, only: Collection[str] | None = None) -> Verdict:
        """As `screen`, for a text about which more is known."""
        return self._judged(replace(sample, withheld=self._withheld), only)

    def unfinished(self, stage: Stage, text: str) -> bool:
        """Whether `text` may end amid something that a rail of `stage` looks for."""
        sample, rules = Sample(text, stage), self.policy.rules(stage)
        return any(_unfinished(rail, sample) for rail in self.rails if rail.name in rules)

    def _judged(self, sample: Sample, only: Collection[str] | None) -> Verdict:
        with self._watch(sample.stage, None):
            findings, scores = self._findings(sample, only)
            return self._verdict(sample.stage, sample.text, findings, scores)

    def _findings(
        self, sample: Sample, only: Collection[str] | None
    ) -> tuple[list[Finding], dict[str, float]]:
        rules = self.policy.rules(sample.stage)
        findings: list[Finding] = []
        scores: dict[str, float] = {}
        # Who decides whether a document leaves quarantine is to know of all that is in it.
        thorough = self._thorough or sample.stage is Stage.DOCUMENT
        for rail in self.rails:
            rule = rules.get(rail.name) or self._to_score(rail)
            if rule is None or not _wanted(rail, only):
                continue
            with self._watch(sample.stage, rail.name):
                inspection = inspected(rail, sample, rule)
            if rail.name in rules:
                findings += self._under(rule, sample.stage, inspection.findings)
            if inspection.score is not None:
                # Custom rails share a name.
                scores[rail.name] = max(inspection.score, scores.get(rail.name, 0.0))
            if not thorough and any(map(_blocks, findings)):
                break
        return findings, scores

    def _to_score(self, rail: Rail) -> Rule | None:
        """A learned rail says the same of a text at every stage: its score is told where no rule asks."""
        return _TO_SCORE if self._thorough and isinstance(rail, Calibrated) else None

    def _under(self, rule: Rule, stage: Stage, findings: Sequence[Finding]) -> list[Finding]:
        """What the rule makes of the findings: the sure ones, each with what follows from it."""
        return [
            replace(found, shadow=rule.shadow)
            if found.label == FAILED
            else replace(
                found,
                action=self.policy.action_for(rule, found),
                shadow=rule.shadow,
                replacement=self.policy.replacement_for(rule, found),
            )
            for found in findings
            if found.score >= self._least(stage, found)
        ]

    def _least(self, stage: Stage, found: Finding) -> float:
        own = self.policy.threshold_for(found)
        return self._thresholds[stage, found.rail] if own is None else own

    def _verdict(
        self, stage: Stage, text: str, findings: Sequence[Finding], scores: Mapping[str, float]
    ) -> Verdict:
        acting = [found for found in findings if not found.shadow]
        action = max(
            (found.action for found in acting), key=lambda action: action.severity, default=Action.ALLOW
        )
        passed = text
        if action is Action.BLOCK:
            passed = spoken(self.policy.message_for(stage, next(filter(_blocks, findings))), text)
        elif action is Action.REDACT:
            passed = redact(text, acting)
        ordered = tuple(sorted(findings, key=lambda found: (found.start, found.end)))
        return Verdict(action, passed, ordered, scores, judged=text)


def threshold(rule: Rule, rail: Rail) -> float:
    """The least score that counts under `rule`.

    A rail that does not know what its thresholds cost takes a share of false positives for none given.
    """
    if rule.false_positives is not None and isinstance(rail, Calibrated):
        return rail.threshold_at(rule.false_positives)
    return UNSURE if rule.threshold is None else rule.threshold


def _wanted(rail: Rail, only: Collection[str] | None) -> bool:
    return only is None or rail.name in only or (isinstance(rail, OfKind) and rail.kind in only)


def _blocks(found: Finding) -> bool:
    return found.action is Action.BLOCK and not found.shadow


def _read_on(rail: Rail, sample: Sample) -> Sample:
    """What the rail is shown: rails for values read on where a value runs over the end of a line."""
    return replace(sample, text=unwrapped(sample.text)) if rail.name in VALUES else sample


def inspected(rail: Rail, sample: Sample, rule: Rule) -> Inspection:
    """What the rail says of the sample; if it fails, a finding that says so."""
    with Outcome("the rail") as outcome:
        return rail.inspect(_read_on(rail, sample))
    action = Action.BLOCK if rule.fail == "closed" else Action.FLAG
    failed = Finding(rail.name, FAILED, action, 1.0, 0, len(sample.text), outcome.reason)
    return Inspection((failed,))


def _unfinished(rail: Rail, sample: Sample) -> bool:
    if not isinstance(rail, Spanning):
        return False
    with Outcome("the rail"):
        return rail.unfinished(sample)
    return False  # the rail breaks down; so it does when it is asked to inspect, and that is what counts
