"""Exact match (SQuAD): whether the answer is an accepted one, but for case, punctuation and articles."""

from eval import answers
from eval.metrics.given import compared
from eval.metrics.rowwise import Rowwise


def exact_match() -> Rowwise:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""
    return compared("exact_match", answers.exact_match)
