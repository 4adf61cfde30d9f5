"""Token F1 (SQuAD): the words that the answer shares with the best accepted one."""

from eval import answers
from eval.metrics.given import compared
from eval.metrics.rowwise import Rowwise


def token_f1() -> Rowwise:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""
    return compared("answer_f1", answers.f1)
