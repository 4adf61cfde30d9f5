"""How much a reranker's judgement counts against the search: chosen on documents kept for that."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from finetune.retrieval.figures import Trial
from ingest.cross_encoder import USE
from ingest.reranker import Reranked, Reranker
from ingest.store import Vectors

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0)


class Remembered:
    """A reranker that judges nothing twice, with any weight."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._seen: dict[tuple[str, tuple[str, ...]], Vectors] = {}
        self.name, self.weight = reranker.name, reranker.weight

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """As `Reranker.scores`."""
        key = (question, tuple(texts))
        if key not in self._seen:
            self._seen[key] = self._reranker.scores(question, texts)
        return self._seen[key]


def weighed(reranker: Remembered, trials: Sequence[Trial]) -> dict[float, float]:
    """The mean nDCG@10 of `trials`, each counting the same, by weight. The reranker has the best one then.

    Without trials its weight stays as it is.
    """
    found: dict[float, float] = {}
    for weight in WEIGHTS if trials else ():
        reranker.weight = weight
        scores = [list(one.scores(one.index.reordered(Reranked(reranker))).values()) for one in trials]
        found[weight] = float(np.mean([np.mean(each) for each in scores]))
    reranker.weight = max(found, key=found.__getitem__, default=reranker.weight)
    return found


def keep(folder: Path, weight: float, tokens: int) -> None:
    """Say how the model in `folder` is to be used."""
    (folder / USE).write_text(json.dumps({"weight": weight, "tokens": tokens}) + "\n")
