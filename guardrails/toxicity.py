"""The rail for insults, threats and hate: the encoder's head of that name.

Groups of people may be named: it is what is said that counts.
"""

from guardrails.judge import Judge
from guardrails.learned import judged
from guardrails.rail import Inspection, Sample


class Toxicity:
    """Scores a text by its worst window; the finding's span is that window."""

    name = "toxicity"

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def inspect(self, sample: Sample) -> Inspection:
        """Judge `sample.text`."""
        return judged(self._judge, self.name, sample.text, "reads like an insult, a threat or hate")

    def threshold_at(self, false_positives: float) -> float:
        """The threshold in [0, 1] at which about this share of innocent texts is flagged."""
        return self._judge.threshold_at(self.name, false_positives)
