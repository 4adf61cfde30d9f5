"""The Rail protocol: one kind of violation, looked for in one text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guardrails.verdict import Finding, Stage

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to vectors. The rails are given one and never import the embedder."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension), rows of unit length."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A text on its way, with what a rail may need to judge it.

    `context` holds the cited passages (stage output); `vector` is the text's embedding when the
    caller has it already, so that one embedding of the question serves retrieval and the rails.
    """

    text: str
    stage: Stage
    context: Sequence[str] = ()
    vector: Vectors | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one rail found, and (scored rails) the calibrated probability of the violation."""

    findings: tuple[Finding, ...] = ()
    score: float | None = None


class Rail(Protocol):
    """One kind of violation. A rail knows its own settings, and neither the policy nor other rails."""

    name: str

    def inspect(self, sample: Sample) -> Inspection:
        """Look for the violation in `sample.text`. May raise; the guard then fails closed."""
        ...
