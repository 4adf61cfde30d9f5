"""What a metric is: it scores outcomes, each for itself, and says for which it has nothing to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from eval.outcome import Outcome

Better = Literal["higher", "lower"]
Summary = Literal["mean", "median"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A row could not be scored although it should have been: it counts against the coverage."""

    reason: str


# A number; None where the metric does not apply to the row (a refusal has no F1 to speak of); or a failure.
Score = float | None | Failed


class Metric(Protocol):
    """A named scale. `gates`: whether a gate may rest on it; judges do once they are shown to agree."""

    @property
    def name(self) -> str:
        """As `metrics.json` calls it."""
        ...

    @property
    def better(self) -> Better:
        """Which way is better."""
        ...

    @property
    def summary(self) -> Summary:
        """How the rows' scores become one figure."""
        ...

    @property
    def gates(self) -> bool:
        """Whether it is deterministic, or a judge that was shown to agree with people."""
        ...

    def scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        """One score an outcome, in order. Never raises for a row: an outcome with an error is `Failed`."""
        ...
