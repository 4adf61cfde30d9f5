"""What an answer is compared by: its words, without citation markers. A refusal or a block says nothing."""

from collections.abc import Callable, Sequence

from eval.answers import without_markers
from eval.metrics.rowwise import Rowwise, answers_known
from eval.outcome import Outcome


def words(outcome: Outcome) -> str:
    """The answer's text; empty if none was given."""
    return without_markers(outcome.answer) if outcome.answered else ""


def compared(name: str, score: Callable[[str, Sequence[str]], float]) -> Rowwise:
    """A metric of the answer against the accepted ones; where none was given, it is 0."""

    def of(outcome: Outcome) -> float:
        text = words(outcome)
        return score(text, outcome.question.answers) if text.strip() else 0.0

    return Rowwise(name, answers_known, of)
