"""Figures of a detector: how well its scores tell violations from what is clean, with their intervals.

Takes two arrays of scores, those of violations and those of clean texts. Intervals are 95% bootstrap
intervals of rows, drawn with a fixed seed from each array by itself. Knows no rails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eval.stats import SEED, Figure, figure

SAMPLES = 400
BINS = 10

Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be."""

    way: Literal["at least", "at most"]
    value: float

    def met(self, value: float) -> bool:
        """Whether `value` is good enough, to the digits that are shown."""
        near = round(value, 4)
        return near >= self.value if self.way == "at least" else near <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.way == 'at least' else '≤'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts with scores near each other: their mean score, the part of violations, how many they are."""

    score: float
    violations: float
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a rail; `of` is the part of the texts that it was measured on.

    `bins` is the reliability diagram behind a calibration error.
    """

    rail: str
    name: str
    figure: Figure
    of: str = "all"
    goal: Goal | None = None
    bins: tuple[Bin, ...] = ()

    @property
    def met(self) -> bool | None:
        """None without a goal, or where there was nothing to measure on."""
        return self.goal.met(self.figure.value) if self.goal and self.figure.n else None


def share(hits: Sequence[bool]) -> Figure:
    """How many of them are true."""
    return figure([float(each) for each in hits])


def auc(violations: Sequence[float], clean: Sequence[float]) -> Figure:
    """The probability that a violation scores higher than a clean text; ties count half."""
    return _drawn(_area, violations, clean)


def recall_at(rate: float, violations: Sequence[float], clean: Sequence[float]) -> Figure:
    """The part of the violations above the threshold that at most `rate` of the clean texts exceed."""
    return _drawn(lambda found, passed: float(np.mean(found > threshold(rate, passed))), violations, clean)


def threshold(rate: float, clean: Numbers) -> float:
    """The least score that at most `rate` of the clean texts exceed."""
    return float(np.sort(clean)[::-1][int(rate * len(clean))])


def calibration_error(violations: Sequence[float], clean: Sequence[float]) -> Figure:
    """The mean distance of scores from the part of violations among texts with such scores, in ten bins."""
    return _drawn(_error, violations, clean)


def reliability(violations: Sequence[float], clean: Sequence[float]) -> tuple[Bin, ...]:
    """The bins of the calibration error that are not empty."""
    scores, labels, bins = _binned(np.asarray(violations), np.asarray(clean))
    filled = (bins == each for each in range(BINS) if (bins == each).any())
    return tuple(
        Bin(round(float(scores[held].mean()), 4), round(float(labels[held].mean()), 4), int(held.sum()))
        for held in filled
    )


def spread(groups: Sequence[Sequence[bool]]) -> Figure:
    """The largest share of a group less the smallest: which is more than 0 by chance alone."""
    if not groups:
        return Figure(0.0, 0.0, 0.0, 0, 0.0)
    arrays = [np.asarray(each, dtype=np.float64) for each in groups]
    dice = np.random.default_rng(SEED)
    drawn = [np.ptp([dice.choice(each, len(each)).mean() for each in arrays]) for _ in range(SAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    value = float(np.ptp([each.mean() for each in arrays]))
    return Figure(value, float(low), float(high), sum(map(len, arrays)))


def _drawn(
    statistic: Callable[[Numbers, Numbers], float], violations: Sequence[float], clean: Sequence[float]
) -> Figure:
    """Without either kind: a figure of 0 that rests on n=0."""
    if not len(violations) or not len(clean):
        return Figure(0.0, 0.0, 0.0, 0, 0.0)
    one, other = np.asarray(violations, dtype=np.float64), np.asarray(clean, dtype=np.float64)
    dice = np.random.default_rng(SEED)
    drawn = [statistic(dice.choice(one, len(one)), dice.choice(other, len(other))) for _ in range(SAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(statistic(one, other), float(low), float(high), len(one) + len(other))


def _area(violations: Numbers, clean: Numbers) -> float:
    ordered = np.sort(clean)
    below = np.searchsorted(ordered, violations, side="left")
    above = np.searchsorted(ordered, violations, side="right")
    return float((below + above).mean() / (2 * len(clean)))


def _error(violations: Numbers, clean: Numbers) -> float:
    scores, labels, bins = _binned(violations, clean)
    weights = np.bincount(bins, minlength=BINS)
    far = np.bincount(bins, scores, BINS) - np.bincount(bins, labels, BINS)
    return float(np.abs(far).sum() / weights.sum())


def _binned(
    violations: Numbers, clean: Numbers
) -> tuple[Numbers, Numbers, np.ndarray[Any, np.dtype[np.int64]]]:
    scores = np.concatenate([violations, clean])
    labels = np.concatenate([np.ones(len(violations)), np.zeros(len(clean))])
    return scores, labels, np.minimum((scores * BINS).astype(np.int64), BINS - 1)
