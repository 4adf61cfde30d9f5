"""What is seen of the rails at work: a stage is a step of its request, a rail a figure of its own."""

from contextlib import AbstractContextManager

from guardrails.verdict import Stage
from service.spans import step
from service.telemetry import Metrics


class Observer:
    """Watches a guard; see `guardrails.guard.Watch`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, stage: Stage, rail: str | None = None) -> AbstractContextManager[object]:
        """For as long as a stage's rails, or the one rail, look at a text."""
        return step(f"{stage} rails") if rail is None else self._metrics.rail(rail, str(stage))
