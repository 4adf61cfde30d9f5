"""Figures with their uncertainty, and what can be said about the difference of two runs.

Intervals are 95% percentile bootstrap intervals (Efron & Tibshirani, 1993). Every draw has a fixed seed: the
same rows give the same figures. It does not know metrics, only their scores.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from eval.metric import Better, Summary

SAMPLES = 2_000
SEED = 7
# Drawn numbers that are held at once: 16 MB, however many rows there are.
AT_ONCE = 2_000_000
LEVEL, POWER = 0.05, 0.8
_SAME = 1e-12  # what sums of the same numbers in another order may differ by
_Statistic = Callable[..., Any]  # numpy's reductions, whose types have no name
_STATISTICS: Mapping[Summary, _Statistic] = {"mean": np.mean, "median": np.median}
# A score in [0, 1] that crosses it has flipped.
HALF = 0.5

Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over `n` rows with its interval; `coverage` is the share of the rows that could be scored."""

    value: float
    low: float
    high: float
    n: int
    coverage: float = 1.0

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] (n={self.n})"


def figure(
    values: Sequence[float], summary: Summary = "mean", failed: int = 0, samples: int = SAMPLES
) -> Figure:
    """The mean or median of `values` with its interval; `failed` more rows should have had a score.

    No values: a figure of 0 that rests on n=0 and covers nothing, never an error. One value: an interval of
    no width, which says nothing.
    """
    if not values:
        return Figure(0.0, 0.0, 0.0, 0, 0.0)
    array = np.asarray(values, dtype=np.float64)
    statistic = _STATISTICS[summary]
    drawn = _percentiles(_draws([array], statistic, samples))
    return Figure(float(statistic(array)), *drawn, len(array), len(array) / (len(array) + failed))


def ratio(amounts: Sequence[float], counts: Sequence[float], samples: int = SAMPLES) -> Figure:
    """The sum of `amounts` over the sum of `counts`, which are positive, with its interval by row.

    So long rows weigh more, as they do in bits per token. No rows: 0 that rests on n=0.
    """
    if not amounts:
        return Figure(0.0, 0.0, 0.0, 0, 0.0)
    over, under = np.asarray(amounts, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    drawn = _percentiles(_draws([over, under], _quotient, samples))
    return Figure(float(_quotient(over, under)), *drawn, len(amounts))


def _quotient(amounts: Numbers, counts: Numbers, axis: int = -1) -> Any:  # noqa: ANN401  # a number, or many
    return amounts.sum(axis=axis) / counts.sum(axis=axis)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from a run to another, on the rows that both have scored.

    `difference` is the other's value less the first's; `improved` is the probability that the other is
    better; `p` is that of a difference as large as this one between runs that do not differ. `up` and `down`
    are the ids of rows whose score got better or worse by crossing a half: scores outside [0, 1] do not flip.
    """

    difference: Figure
    improved: float
    p: float
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


def paired(
    first: Mapping[str, float],
    other: Mapping[str, float],
    better: Better = "higher",
    summary: Summary = "mean",
    samples: int = SAMPLES,
) -> Comparison:
    """Compare two runs by their rows' scores; the coverage is the share of all rows that both have.

    Rows are drawn together with their counterparts; `p` is of a permutation test that swaps them. No row
    in common: no difference, as likely better as worse, p = 1.
    """
    ids = [key for key in first if key in other]
    if not ids:
        return Comparison(Figure(0.0, 0.0, 0.0, 0, 0.0), 0.5, 1.0)
    old, new = (np.array([run[key] for key in ids], dtype=np.float64) for run in (first, other))
    difference, sign = _difference(summary), 1 if better == "higher" else -1
    drawn = _draws([old, new], difference, samples)
    share = len(ids) / len(first.keys() | other.keys())
    improved = float(np.mean(sign * drawn > 0) + np.mean(drawn == 0) / 2)
    return Comparison(
        Figure(float(difference(old, new)), *_percentiles(drawn), len(ids), share),
        improved,
        _p(*_telling(old, new, summary), difference, 2 * samples),
        *_flips(ids, sign * old, sign * new, sign * HALF),
    )


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """The p values corrected for their number (Holm, 1979): below 0.05, any of them is a finding.

    Without correction one of twenty unchanged metrics would seem to have changed.
    """
    ordered = sorted(values, key=values.__getitem__)
    corrected, least = {}, 0.0
    for place, name in enumerate(ordered):
        least = max(least, min(1.0, values[name] * (len(ordered) - place)))
        corrected[name] = least
    return {name: corrected[name] for name in values}


def detectable(of: Figure, *, paired: bool) -> float | None:
    """The smallest change of a metric that a comparison detects in 80% of cases, at a level of 5%.

    Of a paired `Comparison.difference`, or else of one run's figure: then the other run is taken to be as
    uncertain, and to share nothing with it. None where the rows show no spread, or there is one at most.
    """
    level, power = NormalDist().inv_cdf(1 - LEVEL / 2), NormalDist().inv_cdf(POWER)
    error = (of.high - of.low) / (2 * level)
    if of.n <= 1 or error <= 0:
        return None
    return float((level + power) * error * (1 if paired else np.sqrt(2)))


def kappa(first: Sequence[int], other: Sequence[int], failed: int = 0, samples: int = SAMPLES) -> Figure:
    """Cohen's kappa of two raters of the same rows: 1 is full agreement, 0 is that of chance.

    Where both raters give one and the same label to all rows, agreement cannot be told from chance: 0. No
    rows: 0 that rests on n=0.
    """
    coverage = len(first) / max(1, len(first) + failed)
    labels = sorted({*first, *other})
    if len(labels) <= 1:
        return Figure(0.0, 0.0, 0.0, len(first), coverage)
    # Half a second to import: only who has a judge needs it.
    from sklearn.metrics import (  # type: ignore[import-untyped]  # noqa: PLC0415  # scikit-learn ships no types
        cohen_kappa_score,
        confusion_matrix,
    )

    table = confusion_matrix(first, other, labels=labels)
    dice = np.random.default_rng(SEED)
    # Rows of the same two labels are alike, so that drawing the table's counts is drawing rows.
    drawn = _agreement(dice.multinomial(len(first), table.ravel() / table.sum(), samples), len(table))
    return Figure(float(cohen_kappa_score(first, other)), *_percentiles(drawn), len(first), coverage)


def _agreement(counts: np.ndarray[Any, Any], labels: int) -> Numbers:
    """Kappa of many tables (samples, labels x labels) at once: scikit-learn takes 3 ms for each."""
    tables = counts.reshape(-1, labels, labels) / counts.sum(axis=1)[0]
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1)
    agreed = tables.trace(axis1=1, axis2=2)
    one = np.isclose(chance, 1.0)
    kappas: Numbers = np.where(one, 0.0, (agreed - chance) / np.where(one, 1.0, 1.0 - chance))
    return kappas


def _draws(data: Sequence[Numbers], statistic: _Statistic, samples: int) -> Numbers:
    """The statistic of resampled rows (samples,). A single row has only itself to be drawn from."""
    count = len(data[0])
    if count == 1:
        return np.full(samples, float(statistic(*data)))
    # Most of a second to import: not for commands that measure nothing.
    from scipy.stats import bootstrap  # type: ignore[import-untyped]  # noqa: PLC0415  # SciPy ships no types

    drawn: Numbers = bootstrap(
        data,
        statistic,
        paired=len(data) > 1,
        vectorized=True,
        n_resamples=samples,
        batch=max(1, AT_ONCE // count),
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).bootstrap_distribution
    return drawn


def _percentiles(drawn: Numbers) -> tuple[float, float]:
    low, high = np.percentile(drawn, [100 * LEVEL / 2, 100 * (1 - LEVEL / 2)])
    return float(low), float(high)


def _difference(summary: Summary) -> _Statistic:
    def statistic(old: Numbers, new: Numbers, axis: int = -1) -> Any:  # noqa: ANN401  # a number, or many
        return _STATISTICS[summary](new, axis=axis) - _STATISTICS[summary](old, axis=axis)

    return statistic


def _telling(old: Numbers, new: Numbers, summary: Summary) -> tuple[Numbers, Numbers]:
    """The rows that count when pairs are swapped: to a mean, those that did not change add nothing."""
    changed = old != new
    return (old[changed], new[changed]) if summary == "mean" and changed.any() else (old, new)


def _p(old: Numbers, new: Numbers, difference: _Statistic, samples: int) -> float:
    """How often runs whose rows are swapped at random differ as much. SciPy's test takes ten times longer."""
    found = abs(float(difference(old, new)))
    dice, batch, as_far = np.random.default_rng(SEED), max(1, AT_ONCE // len(old)), 0
    for start in range(0, samples, batch):
        shape = (min(batch, samples - start), len(old))
        swapped = dice.integers(0, 2, shape, dtype=np.int8).astype(bool)
        chance = difference(np.where(swapped, new, old), np.where(swapped, old, new))
        as_far += int(np.sum(np.abs(chance) >= found - _SAME))
    return (1 + as_far) / (1 + samples)


def _flips(
    ids: Sequence[str], old: Numbers, new: Numbers, at: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of rows that rose to `at` or above, and of those that fell below."""
    if max(np.abs(old).max(), np.abs(new).max()) > 1:
        return (), ()
    up = tuple(key for key, a, b in zip(ids, old, new, strict=True) if a < at <= b)
    return up, tuple(key for key, a, b in zip(ids, old, new, strict=True) if b < at <= a)
