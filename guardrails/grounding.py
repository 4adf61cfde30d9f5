"""The rail for grounding: is each sentence of an answer carried by the passages it rests on?

Finds where a sentence was taken from, and what was changed on the way: numbers, dates, names, units, denials,
opposites. Compares words and does not reason; embeds nothing. See models/grounding.md.
"""

# ruff: noqa: RUF001 answers have typographic apostrophes
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from guardrails.alignment import aligned, source_of
from guardrails.calibration import probability
from guardrails.errors import ModelError
from guardrails.grounding_features import NAMES, compare
from guardrails.rail import Inspection, Sample, Vectors
from guardrails.sentences import MARKER, sentences
from guardrails.verdict import Action, Finding
from guardrails.words import Words

DEFAULT_MODEL = Path(__file__).parent / "models" / "grounding.json"

_REFUSAL = re.compile(
    r"(?i)\b(?:i (?:do not|don['’]t|can(?:no|['’])t) (?:know|find|answer|tell|say)"
    r"|(?:is|are|was|were|does|do) ?(?:not|n['’]t)"
    r" (?:mention|contain|say|state|specif|provide|given|found|cover)\w*"
    r"|no (?:information|answer|mention)|(?:i['’]m|i am) (?:sorry|not sure|unable))\b"
)
# What a marker before it leaves: "five days [1]." is "five days.", as the passage has it.
_GAP = re.compile(r" (?=[.,;:!?](?: |\Z))")


@dataclass(frozen=True, slots=True)
class GroundingModel:
    """Logistic weights over `grounding_features.NAMES`."""

    weights: Vectors
    bias: float

    @classmethod
    def load(cls, file: Path = DEFAULT_MODEL) -> Self:
        """Read the weights.

        Raises:
            ModelError: the file is missing, damaged, or has weights for other features.
        """
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            weights = np.array([content["weights"][name] for name in NAMES], dtype=np.float32)
            return cls(weights, float(content["bias"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{file}: no grounding model ({type(error).__name__}). Restore the shipped file."
            ) from error

    def probability(self, features: Vectors) -> float:
        """Probability in [0, 1] that the claim is not supported."""
        return probability(float(features @ self.weights) + self.bias)


class Grounding:
    """Scores each sentence against `sample.context`; the rail's score is that of the worst."""

    name = "grounding"

    def __init__(self, model: GroundingModel | None = None) -> None:
        self._model = model or GroundingModel.load()

    def inspect(self, sample: Sample) -> Inspection:
        """Look for sentences that the context does not support. A refusal claims nothing."""
        findings = []
        for start, end in sentences(sample.text):
            written = sample.text[start:end]
            score = self.unsupported(written, sample.context)
            at = start + len(written) - len(written.lstrip())
            reason = "is not supported by the passages it rests on"
            findings.append(
                Finding(
                    self.name, "unsupported", Action.FLAG, score, at, start + len(written.rstrip()), reason
                )
            )
        return Inspection(tuple(findings), max((found.score for found in findings), default=0.0))

    def unsupported(self, sentence: str, context: Sequence[str]) -> float:
        """Probability in [0, 1] that `context` does not carry `sentence`."""
        claim = _GAP.sub("", " ".join(MARKER.sub(" ", sentence).split()))
        if _REFUSAL.search(claim) or not Words(claim).content:
            return 0.0
        return self._model.probability(features_of(claim, context))


def features_of(claim: str, passages: Sequence[str]) -> Vectors:
    """Compare a claim (without citation markers) with passages: shape (len(NAMES),)."""
    found = aligned(Words(claim).sequence, source_of(tuple(passages)))
    return compare(found, len(claim.split()))
