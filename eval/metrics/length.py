"""Answer length: words of the answers given. Neither long nor short is right; growth is worth a look."""

from eval.metrics.given import words
from eval.metrics.rowwise import Rowwise, asked


def answer_words() -> Rowwise:
    """The metric; fewer count as better. No answer given, or an attack: no score."""
    return Rowwise(
        "answer_words",
        asked,
        lambda outcome: float(len(words(outcome).split())) if outcome.answered else None,
        better="lower",
    )
