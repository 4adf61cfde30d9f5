"""MAP: the precision where each expected document is found, averaged over all that there are."""

from eval.metrics.relevance import Ranking, judged, ranking
from eval.metrics.rowwise import Rowwise


def average_precision(found: Ranking) -> float:
    """In [0, 1]; what is not found adds 0. Nothing retrieved: 0."""
    ranks = [rank for rank, new in enumerate(found.new, start=1) if new]
    return sum(count / rank for count, rank in enumerate(ranks, start=1)) / found.wanted


def mean_average_precision() -> Rowwise:
    """The metric. Questions with neither documents nor answers: no score."""
    return Rowwise("map", judged, lambda outcome: average_precision(ranking(outcome)))
