"""The rails under measure: the real ones of a policy, run in full on many texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.rails.texts import Text, sample
from guardrails.build import RAILS, build_guard
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Encoder, Rail
from guardrails.verdict import FAILED, Action, Finding, Stage

Watch = Callable[[str, int, int], None]
"""Told what is measured, how many texts are done, and of how many."""


@dataclass(frozen=True)
class Reading:
    """What the rails made of a text; `score` is None where the rail gives none.

    `action` and `findings` are those of the policy's thresholds.
    """

    text: Text
    score: float | None
    action: Action
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether a rail could not judge."""
        return any(found.label == FAILED for found in self.findings)


class Screening:
    """A policy's rails. `watch` is told how far it is; of a set at `most` so many texts are read."""

    def __init__(
        self,
        policy: Policy,
        encoder: Encoder,
        watch: Watch,
        most: int | None = None,
        instead: Sequence[Rail] = (),
    ) -> None:
        """Build every rail of the policy; `instead` are measured in the place of those of their names.

        Raises:
            RailError: a rail's model cannot be read.
        """
        self.policy, self.encoder = policy, encoder
        self.watch, self.most = watch, most
        guard, other = build_guard(policy, encoder, thorough=True), {rail.name: rail for rail in instead}
        rails = [other.get(rail.name, rail) for rail in guard.rails]
        self._guard = Guard(policy, rails, thorough=True) if other else guard

    def runs(self, rail: str, stage: Stage) -> bool:
        """Whether the policy has the rail run there."""
        return any(rail == known for known in RAILS) and rail in self.policy.rules(stage)

    def read(self, stage: Stage, texts: Sequence[Text], rail: str | None = None) -> list[Reading]:
        """Screen `texts` at a stage by one rail, or by all of the policy's."""
        return self.under(self._guard, stage, texts, rail)

    def under(
        self, guard: Guard, stage: Stage, texts: Sequence[Text], rail: str | None = None
    ) -> list[Reading]:
        """Screen `texts` by another guard."""
        found, what = [], f"{rail or 'all rails'}, {stage}"
        texts = texts if self.most is None else sample(texts, self.most)
        for number, each in enumerate(texts, start=1):
            verdict = guard.screen(
                stage, each.text, context=each.context, only=None if rail is None else {rail}
            )
            found.append(Reading(each, verdict.scores.get(rail or ""), verdict.action, verdict.findings))
            self.watch(what, number, len(texts))
        return found
