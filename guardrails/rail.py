"""The Rail protocol: one kind of violation, looked for in one text."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from guardrails.verdict import Finding, Stage

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Texts to vectors. The rails are given one and never import the embedder."""

    @property
    def name(self) -> str:
        """Which model this is: vectors of another name cannot be compared with its own."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension), rows of unit length."""
        ...


class Embedded(NamedTuple):
    """A text's vector (dimension,), and the name of the encoder that made it."""

    vector: Vectors
    by: str


class Withheld(Protocol):
    """What the reader of an answer must not learn: fingerprints of the documents that are closed to them."""

    @property
    def key(self) -> str:
        """Equal keys withhold the same: what was decided for one reader holds for the other."""
        ...

    def among(self, shingles: Collection[int]) -> Collection[int]:
        """Those of `shingles` (`guardrails.shingles`) that stand in closed documents and in no open one."""
        ...


class NothingWithheld:
    """For texts that nobody in particular reads."""

    key = ""

    def among(self, shingles: Collection[int]) -> Collection[int]:  # noqa: ARG002 the protocol's signature
        """None of them."""
        return ()


NOTHING_WITHHELD = NothingWithheld()


@dataclass(frozen=True, slots=True)
class Sample:
    """A text on its way, with what a rail may need to judge it.

    `context` holds the cited passages (stage output); `vector` is the text's embedding when the
    caller has it already, so that one embedding of the question serves retrieval and the rails;
    `history` holds what the asker said before the question, oldest first (stage input), and with the
    question (stage output). At stage output, `said` holds the sentences that were just released, `labels` are
    those of the documents that the text rests on, and `withheld` knows what the reader must not learn.
    """

    text: str
    stage: Stage
    context: Sequence[str] = ()
    vector: Embedded | None = field(default=None, compare=False)
    history: Sequence[str] = ()
    said: Sequence[str] = ()
    labels: frozenset[str] = frozenset()
    withheld: Withheld = field(default=NOTHING_WITHHELD, compare=False)


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


@runtime_checkable
class Spanning(Protocol):
    """A rail that finds what may run on beyond the end of a sentence: a stream is not cut there."""

    def unfinished(self, sample: Sample) -> bool:
        """Whether the text may end amid something that the rail looks for. May raise, as `inspect`."""
        ...


@runtime_checkable
class OfKind(Protocol):
    """A rail of those that share a name: its kind tells it apart."""

    @property
    def kind(self) -> str:
        """What it looks with."""
        ...


@runtime_checkable
class Calibrated(Protocol):
    """A rail that knows what a threshold costs: a policy may name the share of false alarms instead."""

    def threshold_at(self, false_positives: float) -> float:
        """The threshold in [0, 1] at which at most this share of harmless texts is flagged."""
        ...
