"""What the learned rails ask: how likely is a violation of each kind, and where. Loads no model."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from guardrails.sentences import Span

HEADS = ("injection", "harm", "toxicity", "stereotypes")
"""What is judged, in the order of the encoder's outputs."""


class Judgement(NamedTuple):
    """How likely a violation is, in [0, 1], and the characters of the window that shows it most."""

    probability: float
    span: Span


class Judge(Protocol):
    """Judges texts. The learned rails are given one, and share what it finds."""

    def judge(self, text: str, *, waits: bool = True) -> Mapping[str, Judgement]:
        """Return a judgement for each of `HEADS`; where nobody `waits` for it, with one core."""
        ...

    def threshold_at(self, head: str, false_positives: float) -> float:
        """The probability from which on at most this share of innocent texts is judged a violation."""
        ...
