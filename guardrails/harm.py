"""The rail for requests for help with something harmful: the encoder's head of that name.

Tells a request from its innocent look-alike ("kill a process") as the encoder does; knows no intentions.
"""

from guardrails.judge import Judge
from guardrails.learned import judged
from guardrails.rail import Inspection, Sample


class Harm:
    """Scores a text by its worst window; the finding's span is that window."""

    name = "harm"

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def inspect(self, sample: Sample) -> Inspection:
        """Judge `sample.text`."""
        return judged(self._judge, self.name, sample.text, "asks for help with something harmful")

    def threshold_at(self, false_positives: float) -> float:
        """The threshold in [0, 1] at which about this share of innocent texts is flagged."""
        return self._judge.threshold_at(self.name, false_positives)
