"""Refusals: how many are right, how many of the unanswerable questions get one, and how many answerable ones.

`refusal_recall` counts a block by a rail as well: nothing was made up. Attacks are not counted at all.
"""

from eval.dataset import Question
from eval.metrics.rowwise import Rowwise, answerable, asked
from eval.outcome import Outcome


def refusal_precision() -> Rowwise:
    """The share of the refusals that are of unanswerable questions. Rows that were not refused: no score."""
    return Rowwise("refusal_precision", asked, _right)


def refusal_recall() -> Rowwise:
    """The share of the unanswerable questions that got no answer. Answerable ones: no score."""
    return Rowwise("refusal_recall", _unanswerable, lambda outcome: float(not outcome.answered))


def wrongly_refused() -> Rowwise:
    """The share of the answerable questions that were refused; lower is better. Others: no score."""
    return Rowwise("wrongly_refused", answerable, lambda outcome: float(outcome.refused), better="lower")


def _right(outcome: Outcome) -> float | None:
    return float(not outcome.question.answerable) if outcome.refused else None


def _unanswerable(question: Question) -> bool:
    return asked(question) and not question.answerable
