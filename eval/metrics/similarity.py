"""Semantic similarity: the cosine of the answer's vector and the nearest accepted answer's.

RAGAS's SemanticSimilarity for one accepted answer, but all texts are embedded in batches, each once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eval.metric import Better, Failed, Score, Summary
from eval.metrics.given import words
from eval.metrics.rowwise import answers_known
from eval.outcome import Outcome
from ingest.store import Vectors


class Encoder(Protocol):
    """What makes vectors of texts."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""
        ...


@dataclass(frozen=True, slots=True)
class SemanticSimilarity:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""

    encoder: Encoder
    name: str = "semantic_similarity"
    better: Better = "higher"
    summary: Summary = "mean"
    gates: bool = True

    def scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        """As `Metric.scores`."""
        rows = [outcome for outcome in outcomes if _compared(outcome)]
        texts = list(dict.fromkeys(text for row in rows for text in (words(row), *row.question.answers)))
        places = {text: place for place, text in enumerate(texts)}
        vectors = self.encoder.encode(texts) if texts else None
        return [self._score(outcome, places, vectors) for outcome in outcomes]

    def _score(self, outcome: Outcome, places: dict[str, int], vectors: Vectors | None) -> Score:
        if not answers_known(outcome.question):
            return None
        if outcome.error is not None:
            return Failed(outcome.error)
        if vectors is None or not _compared(outcome):
            return 0.0
        accepted = vectors[[places[text] for text in outcome.question.answers]]
        return float((accepted @ vectors[places[words(outcome)]]).max())


def _compared(outcome: Outcome) -> bool:
    return answers_known(outcome.question) and outcome.error is None and bool(words(outcome).strip())
