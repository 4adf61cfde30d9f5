"""Policies: which rails run at which stage, with which thresholds, actions and messages.

A policy is data. It knows the names of rails and what is asked of them, and nothing of how they work, nor
of files (`guardrails/policy_file.py` reads those).
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from guardrails.custom_options import Custom
from guardrails.language import Message
from guardrails.options import Options
from guardrails.verdict import FAILED, Action, Finding, Stage

Probability = Annotated[float, Field(ge=0, le=1)]
RailName = Literal[
    "secrets",
    "pii",
    "topics",
    "injection",
    "extraction",
    "harm",
    "toxicity",
    "stereotypes",
    "leakage",
    "custom",
    "grounding",
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """What one rail may do at one stage: findings scored below its threshold are dropped.

    The threshold is given as such, or as the share of `false_positives` that is bearable, for rails that
    know what theirs cost. A rule in `shadow` is on record and has no effect. `restore` gives the reader
    back, in the answer, what `redact` took out before the model saw it. `replacement` stands where `redact`
    took something out, instead of what the rail would put there: a message in place of a whole sentence.
    """

    action: Action
    threshold: Probability | None = None
    false_positives: Annotated[float, Field(gt=0, lt=1)] | None = None
    message: Message | None = None
    fail: Literal["closed", "open"] = "closed"
    shadow: bool = False
    restore: bool = False
    replacement: str | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if self.threshold is not None and self.false_positives is not None:
            raise ValueError("give either threshold or false_positives, not both")
        if self.restore and self.action is not Action.REDACT:
            raise ValueError("restore gives back what redact takes out: use it with action redact")
        if self.replacement is not None and self.action is not Action.REDACT:
            raise ValueError("replacement stands for what redact takes out: use it with action redact")
        return self


class Records(_Part):
    """What audit records hold: the text itself only where `texts` says so, its hash always."""

    texts: bool = False


class Policy(_Part):
    """A named set of rules. Two policies with the same `version` decide alike."""

    name: str
    message: Message
    stages: Mapping[Stage, Mapping[RailName, Rule]]
    rails: Options = Options()
    audit: Records = Records()

    @property
    def version(self) -> str:
        """Name and content hash, such as `balanced-1f0a9c3b2d4e`: for cache keys and audit records."""
        return f"{self.name}-{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]}"

    def at(self, stage: Stage) -> Self:
        """As far as it concerns one stage: another version means that it decides otherwise there."""
        return self.model_copy(update={"stages": {stage: self.stages.get(stage, {})}})

    def rules(self, stage: Stage) -> Mapping[str, Rule]:
        """The rules of one stage, by rail; empty when the policy asks for nothing there."""
        return {str(rail): rule for rail, rule in self.stages.get(stage, {}).items()}

    def action_for(self, rule: Rule, finding: Finding) -> Action:
        """What follows from `finding`: what its kind, its label or its entry asks for, or `rule`."""
        wishes = {"pii": self.rails.pii.actions, "leakage": self.rails.leakage.labels}
        wished = wishes.get(finding.rail, {}).get(finding.label)
        entry = self._entry(finding)
        return wished or (entry and entry.action) or rule.action

    def threshold_for(self, finding: Finding) -> float | None:
        """The least score that counts for the custom rail that found it, if that has one of its own."""
        entry = self._entry(finding)
        return entry.threshold if entry else None

    def replacement_for(self, rule: Rule, finding: Finding) -> str:
        """What stands in place of `finding`: as its entry, the rule or its rail says."""
        entry = self._entry(finding)
        wished = (entry.replacement if entry else None, rule.replacement)
        return next((text for text in wished if text is not None), finding.replacement)

    def message_for(self, stage: Stage, finding: Finding) -> Mapping[str, str]:
        """What the reader is told when `finding` blocks, by language: as topic, rule or policy says."""
        if finding.label == FAILED:
            return self.message
        told = {topic.name: topic.message for topic in self.rails.topics.topics}
        topical = told.get(finding.label)
        rule = self.rules(stage).get(finding.rail)
        entry = self._entry(finding)
        return (entry and entry.message) or topical or (rule and rule.message) or self.message

    def _entry(self, finding: Finding) -> Custom | None:
        """The custom rail that found it, if one did."""
        if finding.rail != "custom":
            return None
        return next((entry for entry in self.rails.custom if entry.name == finding.label), None)

    @model_validator(mode="after")
    def _custom_rails_have_a_rule(self) -> Self:
        for entry in self.rails.custom:
            for stage in sorted(entry.stages):
                if "custom" not in self.rules(stage):
                    raise ValueError(f"stages.{stage}.custom: {entry.name} is to run there: add a rule")
        return self

    @model_validator(mode="after")
    def _grounding_needs_an_answer(self) -> Self:
        for stage, rules in self.stages.items():
            for name in ("grounding", "leakage"):
                if name in rules and stage is not Stage.OUTPUT:
                    raise ValueError(f"stages.{stage}.{name}: only stage output has an answer to compare")
        return self
