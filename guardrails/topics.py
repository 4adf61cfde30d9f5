"""The rail for topics: restricted ones, and what lies off the only topics that a policy allows.

A topic is shown by its name, its description, each part of it between commas, and its examples. A question
is on a topic when it is near to a few of them, and nearer than to other topics and to what is allowed. Knows
meaning as far as the encoder does.
"""

import re
from collections.abc import Sequence

import numpy as np

from guardrails.calibration import probability
from guardrails.options import Topic
from guardrails.rail import Encoder, Inspection, Sample, Vectors
from guardrails.sentences import sentences
from guardrails.verdict import Action, Finding

OFF_TOPIC = "off-topic"
"""The label of a text that is near to none of the topics that alone are allowed."""

_NEIGHBOURS = 2  # the mean of the nearest two is steadier than the nearest alone
# Fitted with MiniLM on the domains of CLINC150 and 2,000 foreign questions. Other encoders, other scales.
_NEAR, _BESIDE, _BIAS = 23.8, -10.8, -5.9
_OFF_NEAR, _OFF_BIAS = -19.9, 7.9
_HINT = 0.02  # of several sentences each is looked at alone if all together are so likely on a topic
_MOST_SENTENCES = 8
_PART = re.compile(r"[:;,.]\s+(?:(?:and|or)\s+)?|\.$")


class Topics:
    """Scores a text against each topic; the rail's score is that of the likeliest finding."""

    name = "topics"

    def __init__(
        self, topics: Sequence[Topic], allowed: Sequence[str], encoder: Encoder, only: Sequence[Topic] = ()
    ) -> None:
        """`topics` are restricted, what is nearer to `allowed` passes; off-topic is what is not on `only`."""
        self._encoder = encoder
        self._names = tuple(topic.name for topic in topics)
        self._shown = tuple(encoder.encode(shown(topic)) for topic in topics)
        self._allowed = encoder.encode(allowed) if allowed else None
        self._only = tuple(encoder.encode(shown(topic)) for topic in only)

    def inspect(self, sample: Sample) -> Inspection:
        """Score `sample.vector`, or an embedding of the text when it is missing or another encoder's."""
        if not (self._names or self._only) or not sample.text.strip():
            return Inspection(score=0.0)
        vector = self._vector(sample)
        likely = self._restricted(vector)
        if max(likely, default=0.0) >= _HINT:
            parts = [self._restricted(part) for part in self._parts(sample.text)]
            likely = [max(each) for each in zip(likely, *parts, strict=True)]
        scores = dict(zip(self._names, likely, strict=True))
        reasons = dict.fromkeys(scores, "is near to a restricted topic")
        if self._only:
            scores[OFF_TOPIC] = self._off(vector, sample.text)
            reasons[OFF_TOPIC] = "is near to none of the allowed topics"
        findings = tuple(
            Finding(self.name, label, Action.BLOCK, scores[label], 0, len(sample.text), reasons[label])
            for label in sorted(scores, key=lambda label: -scores[label])
        )
        return Inspection(findings, max(scores.values()))

    def _vector(self, sample: Sample) -> Vectors:
        given = sample.vector
        if given is not None and given.by == self._encoder.name:
            return given.vector
        own: Vectors = self._encoder.encode([sample.text])[0]
        return own

    def _restricted(self, vector: Vectors) -> list[float]:
        """The probability of each restricted topic."""
        near = [_nearness(each, vector) for each in self._shown]
        allowed = 0.0 if self._allowed is None else _nearness(self._allowed, vector)
        return [
            probability(_NEAR * own + _BESIDE * max(allowed, *near[:place], *near[place + 1 :], 0.0) + _BIAS)
            for place, own in enumerate(near)
        ]

    def _off(self, vector: Vectors, text: str) -> float:
        score = self._far(vector)
        if score < 1 - _HINT:
            return min([score, *(self._far(part) for part in self._parts(text))])
        return score

    def _far(self, vector: Vectors) -> float:
        return probability(_OFF_NEAR * max(_nearness(each, vector) for each in self._only) + _OFF_BIAS)

    def _parts(self, text: str) -> Vectors:
        """The sentences of a text that has several, (sentences, dimension): a preamble hides the rest."""
        cut = [text[start:end] for start, end in sentences(text)]
        if len(cut) == 1:
            return np.empty((0, 0), dtype=np.float32)
        return self._encoder.encode(cut[-_MOST_SENTENCES:])


def shown(topic: Topic) -> list[str]:
    """The texts that stand for a topic."""
    parts = [part.strip() for part in _PART.split(topic.description)]
    name = topic.name.replace("-", " ").replace("_", " ")
    return [name, topic.description, *filter(None, parts), *topic.examples]


def _nearness(others: Vectors, vector: Vectors) -> float:
    return float(np.sort(others @ vector)[-_NEIGHBOURS:].mean())
