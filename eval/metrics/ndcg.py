"""nDCG@k (Järvelin & Kekäläinen, 2002): what is found earlier counts more, against the best order."""

from math import log2

from eval.metrics.relevance import Ranking, judged, ranking
from eval.metrics.rowwise import Rowwise


def ndcg(found: Ranking, k: int) -> float:
    """In [0, 1]. Nothing retrieved: 0."""
    gained = sum(1 / log2(rank + 1) for rank, new in enumerate(found.new[:k], start=1) if new)
    return gained / sum(1 / log2(rank + 1) for rank in range(1, min(found.wanted, k) + 1))


def ndcg_at(k: int) -> Rowwise:
    """The metric. Questions with neither documents nor answers: no score."""
    return Rowwise(f"ndcg@{k}", judged, lambda outcome: ndcg(ranking(outcome), k))
