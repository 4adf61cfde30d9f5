"""Two runs over the same rows: how far they are apart, and how likely that is by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.metric import Summary

SAMPLES, SEED = 4_000, 7


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate less baseline over `n` shared rows, with its 95% paired bootstrap interval.

    `p_lower` is the chance of such a fall if nothing had changed, `p_higher` that of such a rise.
    """

    change: float
    low: float
    high: float
    p_lower: float
    p_higher: float
    n: int


def paired(baseline: Sequence[float], candidate: Sequence[float], summary: Summary = "mean") -> Difference:
    """Compare row by row: `baseline[i]` and `candidate[i]` are of one row. No rows: no difference."""
    before, after = np.asarray(baseline, np.float64), np.asarray(candidate, np.float64)
    if not len(before):
        return Difference(0.0, 0.0, 0.0, 1.0, 1.0, 0)
    draws = np.random.default_rng(SEED).integers(0, len(before), (SAMPLES, len(before)))
    of = np.median if summary == "median" else np.mean
    changes: npt.NDArray[np.float64] = of(after[draws], axis=1) - of(before[draws], axis=1)
    low, high = np.percentile(changes, [2.5, 97.5])
    # One more than was counted: a chance of nought is not known from a finite number of draws.
    lower = (np.count_nonzero(changes >= 0) + 1) / (SAMPLES + 1)
    higher = (np.count_nonzero(changes <= 0) + 1) / (SAMPLES + 1)
    change = float(of(after) - of(before))
    return Difference(change, float(low), float(high), float(lower), float(higher), len(before))


def holm(chances: Sequence[float]) -> list[float]:
    """The chances as they stand when so many questions are asked at once (Holm, 1979), in their order."""
    adjusted, worst = [1.0] * len(chances), 0.0
    for rank, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        worst = max(worst, min(1.0, chances[index] * (len(chances) - rank)))
        adjusted[index] = worst
    return adjusted
