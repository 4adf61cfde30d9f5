"""Errors: rows without an answer. The one metric that such a row counts in, rather than failing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metric import Better, Score, Summary
from eval.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Errors:
    """1 for a row with an error, 0 for any other. No rows: n=0."""

    name: str = "errors"
    better: Better = "lower"
    summary: Summary = "mean"
    gates: bool = True

    def scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        """As `Metric.scores`."""
        return [float(outcome.error is not None) for outcome in outcomes]
