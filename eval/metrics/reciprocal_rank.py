"""MRR: one over the rank of the first relevant passage; the mean over rows makes it the *mean* one."""

from eval.metrics.relevance import Ranking, judged, ranking
from eval.metrics.rowwise import Rowwise


def reciprocal_rank(found: Ranking) -> float:
    """In [0, 1]. Nothing relevant, or nothing retrieved: 0."""
    return 1 / (found.relevant.index(True) + 1) if any(found.relevant) else 0.0


def mrr() -> Rowwise:
    """The metric. Questions with neither documents nor answers: no score."""
    return Rowwise("mrr", judged, lambda outcome: reciprocal_rank(ranking(outcome)))
