"""Metrics that score each outcome for itself: which questions they apply to, and the formula."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.dataset import Question
from eval.metric import Better, Failed, Score, Summary
from eval.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rowwise:
    """`score` of every outcome whose question `applies`; those without an answer have failed.

    `score` may still say None, where the answer leaves it nothing to say.
    """

    name: str
    applies: Callable[[Question], bool]
    score: Callable[[Outcome], Score]
    better: Better = "higher"
    summary: Summary = "mean"
    gates: bool = True

    def scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        """As `Metric.scores`."""
        return [self._score(outcome) for outcome in outcomes]

    def _score(self, outcome: Outcome) -> Score:
        if not self.applies(outcome.question):
            return None
        return self.score(outcome) if outcome.error is None else Failed(outcome.error)


def asked(question: Question) -> bool:
    """All but attacks: those are for the rails' metrics."""
    return question.kind != "attack"


def answerable(question: Question) -> bool:
    """Questions that an answer should be given to."""
    return asked(question) and question.answerable


def answers_known(question: Question) -> bool:
    """Questions whose accepted answers are given."""
    return answerable(question) and bool(question.answers)


def documents_known(question: Question) -> bool:
    """Questions whose documents are given."""
    return answerable(question) and bool(question.documents)
