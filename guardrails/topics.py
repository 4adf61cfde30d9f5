"""The rail for restricted topics: what a policy describes and shows by examples, found by similarity.

A question counts as on a topic when it is nearer to the topic's examples than to what is allowed, and near
enough at all. Knows meaning as far as the encoder does; reads the beginning of a long text only.
"""

from collections.abc import Sequence

import numpy as np

from guardrails.calibration import probability
from guardrails.options import Topic
from guardrails.rail import Encoder, Inspection, Sample, Vectors
from guardrails.verdict import Action, Finding

_NEIGHBOURS = 3  # the mean of the nearest few is steadier than the nearest alone
# Fitted with MiniLM on 139 written and 930 foreign questions. Another encoder has another scale.
_NEAR, _ALLOWED, _BIAS = 34.4, -17.4, -7.9


class Topics:
    """Scores a text against each topic; the rail's score is that of the likeliest."""

    name = "topics"

    def __init__(self, topics: Sequence[Topic], allowed: Sequence[str], encoder: Encoder) -> None:
        self._encoder = encoder
        self._names = tuple(topic.name for topic in topics)
        self._shown = tuple(encoder.encode([topic.description, *topic.examples]) for topic in topics)
        self._allowed = encoder.encode(allowed) if allowed else None

    def inspect(self, sample: Sample) -> Inspection:
        """Score `sample.vector`, or the text's own embedding when there is none."""
        if not self._names or not sample.text.strip():
            return Inspection(score=0.0)
        vector = sample.vector if sample.vector is not None else self._encoder.encode([sample.text])[0]
        scores = [self._probability(shown, vector) for shown in self._shown]
        findings = tuple(
            Finding(
                self.name, name, Action.BLOCK, score, 0, len(sample.text), "is near to a restricted topic"
            )
            for name, score in sorted(zip(self._names, scores, strict=True), key=lambda pair: -pair[1])
        )
        return Inspection(findings, max(scores))

    def _probability(self, shown: Vectors, vector: Vectors) -> float:
        allowed = 0.0 if self._allowed is None else _nearness(self._allowed, vector)
        return probability(_NEAR * _nearness(shown, vector) + _ALLOWED * allowed + _BIAS)


def _nearness(others: Vectors, vector: Vectors) -> float:
    return float(np.sort(others @ vector)[-_NEIGHBOURS:].mean())
