"""Precision@k: the share of the first k passages that are relevant."""

from eval.metrics.relevance import Ranking, judged, ranking
from eval.metrics.rowwise import Rowwise


def precision(found: Ranking, k: int) -> float:
    """In [0, 1], of k places whether all are taken or not. Nothing retrieved: 0."""
    return sum(found.relevant[:k]) / k


def precision_at(k: int) -> Rowwise:
    """The metric. Questions with neither documents nor answers: no score."""
    return Rowwise(f"precision@{k}", judged, lambda outcome: precision(ranking(outcome), k))
