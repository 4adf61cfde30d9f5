"""Speed as the caller sees it: the first token, the whole answer (medians, milliseconds), tokens a second."""

from eval.dataset import Question
from eval.metrics.rowwise import Rowwise
from eval.outcome import Outcome

SECOND = 1_000  # milliseconds


def first_token_ms() -> Rowwise:
    """The median time to the first token. Answers that were not streamed tell no such time: no score."""
    return Rowwise("first_token_ms", _any, lambda outcome: outcome.first_token_ms or None, "lower", "median")


def total_ms() -> Rowwise:
    """The median time to the end of the answer. Rows without a time: no score."""
    return Rowwise("total_ms", _any, lambda outcome: outcome.total_ms or None, "lower", "median")


def tokens_per_second() -> Rowwise:
    """The tokens of an answer over its whole time. Answers of no token, such as blocks: no score."""
    return Rowwise("tokens_per_second", _any, _rate)


def _rate(outcome: Outcome) -> float | None:
    if not outcome.completion_tokens or not outcome.total_ms:
        return None
    return outcome.completion_tokens * SECOND / outcome.total_ms


def _any(_question: Question) -> bool:
    return True
