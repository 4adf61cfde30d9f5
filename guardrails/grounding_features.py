"""How a sentence compares with the passages that should carry it: words, numbers, names, negation, order."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from guardrails.rail import Vectors
from guardrails.sentences import sentences
from guardrails.words import Words

NAMES = (
    "similarity",
    "covered",
    "covered_near",
    "in_order",
    "numbers_missing",
    "names_missing",
    "negation",
    "length",
)
"""The features, in the order of the model's weights."""

_CANDIDATES = 4
_LONG = 20  # stems; longer claims count as this long


def pieces(passage: str) -> list[str]:
    """Return a passage's sentences, and each two that follow each other: what one claim can rest on."""
    cut = [passage[start:end].strip() for start, end in sentences(passage)]
    return [*cut, *(f"{first} {second}" for first, second in pairwise(cut))]


def candidates(claim: Words, passages: Sequence[str]) -> list[str]:
    """Return the few windows of `passages` that share most words with `claim`, best first."""
    windows = [window for passage in passages for window in _windows(passage)]
    best = sorted(windows, key=lambda window: -_share(claim.stems, window.stem_set))[:_CANDIDATES]
    return [window.text for window in best]


@lru_cache(maxsize=256)  # passages: an answer compares every sentence with the same few
def _windows(passage: str) -> tuple[Words, ...]:
    return tuple(Words(piece) for piece in pieces(passage))


@lru_cache(maxsize=64)
def _words(text: str) -> Words:
    return Words(text)


def compare(claim: Words, passages: Sequence[str], near: Sequence[str], similarity: float) -> Vectors:
    """Return an array of shape (len(NAMES),). `near` are the claim's candidates, best first."""
    everything = _words("\n".join(passages))
    known = everything.stem_set
    nearest = Words(near[0]) if near else Words("")
    run = _longest_run(claim.sequence, everything.sequence) / max(len(claim.sequence), 1)
    return np.array(
        [
            similarity,
            _share(claim.stems, known),
            _share(claim.stems, nearest.stem_set),
            run,
            _missing(claim.numbers, everything.numbers),
            _missing(claim.names, known),
            float(claim.negated != nearest.negated and run < 1),
            min(len(claim.stems) / _LONG, 1.0),
        ],
        dtype=np.float32,
    )


def _share(stems: Sequence[str], known: frozenset[str]) -> float:
    return sum(stem in known for stem in stems) / len(stems) if stems else 0.0


def _missing(wanted: frozenset[str], known: frozenset[str]) -> float:
    return len(wanted - known) / len(wanted) if wanted else 0.0


def _longest_run(claim: Sequence[str], source: Sequence[str]) -> int:
    """Length of the longest run of stems that stands in both, in the same order."""
    best, lengths = 0, [0] * (len(source) + 1)
    for stem in claim:
        lengths = [0, *(lengths[place] + 1 if other == stem else 0 for place, other in enumerate(source))]
        best = max(best, *lengths)
    return best
