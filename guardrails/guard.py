"""The guard: runs a stage's rails, cheap ones first, and turns what they find into one verdict."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from guardrails.policy import Policy, Rule
from guardrails.rail import Inspection, Rail, Sample, Vectors
from guardrails.redaction import redact
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict

Watch = Callable[[Stage, str | None], AbstractContextManager[object]]
"""Entered around a stage's rails (no name) and around each of them (its name)."""


def unwatched(_stage: Stage, _rail: str | None) -> AbstractContextManager[object]:
    """Nobody watches."""
    return nullcontext()


class Guard:
    """Rails under a policy. Text goes in, a verdict comes out; a rail's failure is a finding too.

    `rails` hold every rail that the policy names, in the order to run them. A `thorough` guard runs all
    rails even after one has blocked, to report every score. `watch` may time them.
    """

    def __init__(
        self, policy: Policy, rails: Sequence[Rail], *, thorough: bool = False, watch: Watch = unwatched
    ) -> None:
        self.policy = policy
        self._rails = tuple(rails)
        self._thorough = thorough
        self._watch = watch

    def screen(
        self,
        stage: Stage,
        text: str,
        *,
        context: Sequence[str] = (),
        vector: Vectors | None = None,
        only: Collection[str] | None = None,
    ) -> Verdict:
        """Judge `text` at `stage`. Never raises for what a rail does.

        `context` holds the passages that an answer rests on; `vector` is the text's embedding (dimension,)
        if the caller has it; `only` names the rails to run, where it is not for all of them.
        """
        return self._judged(Sample(text, stage, tuple(context), vector), only)

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
        for rail in self._rails:
            if rail.name not in rules or (only is not None and rail.name not in only):
                continue
            with self._watch(sample.stage, rail.name):
                inspection = _inspect(rail, sample, rules[rail.name])
            findings += _under(rules[rail.name], inspection.findings)
            if inspection.score is not None:
                scores[rail.name] = inspection.score
            if not self._thorough and any(finding.action is Action.BLOCK for finding in findings):
                break
        return findings, scores

    def _verdict(
        self, stage: Stage, text: str, findings: Sequence[Finding], scores: Mapping[str, float]
    ) -> Verdict:
        action = max(
            (finding.action for finding in findings), key=lambda action: action.severity, default=Action.ALLOW
        )
        if action is Action.BLOCK:
            blocking = next(finding for finding in findings if finding.action is Action.BLOCK)
            text = self.policy.message_for(stage, blocking)
        elif action is Action.REDACT:
            text = redact(text, findings)
        return Verdict(
            action, text, tuple(sorted(findings, key=lambda found: (found.start, found.end))), scores
        )


def _under(rule: Rule, findings: Sequence[Finding]) -> list[Finding]:
    kept = (found for found in findings if found.score >= rule.threshold)
    return [found if found.label == FAILED else replace(found, action=rule.action) for found in kept]


def _inspect(rail: Rail, sample: Sample, rule: Rule) -> Inspection:
    with _Outcome() as outcome:
        return rail.inspect(sample)
    action = Action.BLOCK if rule.fail == "closed" else Action.FLAG
    failed = Finding(rail.name, FAILED, action, 1.0, 0, len(sample.text), outcome.reason)
    return Inspection((failed,))


class _Outcome:
    """What came of running a rail: any error is held here as a reason instead of travelling on.

    This is the one place that catches everything, on purpose: a rail is anybody's code, and whatever it
    raises must follow the policy's `fail`. Interrupts and exits pass through.
    """

    reason = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if kind is not None and trace is not None:
            # The class and the place, never the message: it may quote the text.
            place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
            self.reason = f"the rail failed with {kind.__name__} at {place}"
        return isinstance(error, Exception)
