"""Figures with their uncertainty: a mean, how many rows it rests on, and its bootstrap interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `n` rows with its 95% percentile bootstrap interval (Efron & Tibshirani, 1993)."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}] (n={self.n})"


def figure(values: Sequence[float], samples: int = 2_000, seed: int = 7) -> Figure:
    """The mean of `values` with its interval. No values: a mean of 0 that rests on n=0, never an error."""
    if not values:
        return Figure(0.0, 0.0, 0.0, 0)
    array = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(array), (samples, len(array)))
    low, high = np.percentile(array[draws].mean(axis=1), [2.5, 97.5])
    return Figure(float(array.mean()), float(low), float(high), len(array))
