"""Recall@k: the share of the expected documents that are among the first k passages."""

from eval.metrics.relevance import Ranking, judged, ranking
from eval.metrics.rowwise import Rowwise


def recall(found: Ranking, k: int) -> float:
    """In [0, 1]. Nothing retrieved: 0."""
    return sum(found.new[:k]) / found.wanted


def recall_at(k: int) -> Rowwise:
    """The metric. Questions with neither documents nor answers: no score."""
    return Rowwise(f"recall@{k}", judged, lambda outcome: recall(ranking(outcome), k))
