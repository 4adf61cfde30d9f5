"""What a rail says of a text: findings, and the verdict that follows from them. Values, never exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

FAILED = "failed"
"""The label of a finding that stands for a rail which could not judge, rather than for a violation."""


class Stage(StrEnum):
    """Where in the life of a question a rail looks."""

    DOCUMENT = "document"
    INPUT = "input"
    PASSAGE = "passage"
    OUTPUT = "output"


class Action(StrEnum):
    """What follows from a finding, mildest first; `severity` orders them."""

    ALLOW = "allow"
    FLAG = "flag"
    REDACT = "redact"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """0 for allow up to 3 for block."""
        return list(Action).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rail found in a text.

    `start` and `end` count characters of the text that was checked; `score` is in [0, 1];
    `replacement` is what stands in place of the span when the action is redact. `reason` never
    quotes the text: findings reach logs and audit records. A `shadow` finding is on record only: it says
    what would have followed, and nothing follows.
    """

    rail: str
    label: str
    action: Action
    score: float
    start: int
    end: int
    reason: str
    replacement: str = ""
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of all rails on one text: the severest action, and the text that may go on.

    Findings of rules in shadow are among the findings and have no part in the action. `text` is the input
    (allow, flag), the redacted input, or on block the policy's message. `scores` holds the calibrated
    probability of the violation by rail, for the scored rails. `judged` is the input, for records.
    """

    action: Action
    text: str
    findings: tuple[Finding, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    judged: str = ""

    @property
    def acting(self) -> tuple[Finding, ...]:
        """The findings that something follows from: all but those in shadow."""
        return tuple(found for found in self.findings if not found.shadow)

    @property
    def blocked(self) -> bool:
        """Whether the text must not go on."""
        return self.action is Action.BLOCK
