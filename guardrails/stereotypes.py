"""The rail for generalising claims about groups of people: the encoder's head of that name.

Facts about a group, and sentences that report or reject a stereotype, are meant to pass.
"""

from guardrails.judge import Judge
from guardrails.learned import judged
from guardrails.rail import Inspection, Sample


class Stereotypes:
    """Scores a text by its worst window; the finding's span is that window."""

    name = "stereotypes"

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def inspect(self, sample: Sample) -> Inspection:
        """Judge `sample.text`."""
        return judged(self._judge, self.name, sample.text, "generalises about a group of people")

    def threshold_at(self, false_positives: float) -> float:
        """The threshold in [0, 1] at which about this share of innocent texts is flagged."""
        return self._judge.threshold_at(self.name, false_positives)
