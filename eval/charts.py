"""Plots as coordinates, for a template that draws them in SVG: it knows the colours, this the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 24
# What lies beyond is gathered in the last bar: one answer of a minute must not flatten all others.
MOST_OF_THE_TIMES = 99.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its interval on a scale, in percent of its width; `before` is the baseline's value."""

    value: float
    low: float
    high: float
    before: float | None


def interval(value: float, low: float, high: float, before: float | None, most: float) -> Interval:
    """Place a figure on a scale from 0 to `most`."""

    def place(number: float) -> float:
        return round(100 * min(max(number / most, 0.0), 1.0), 2) if most > 0 else 0.0

    return Interval(place(value), place(low), place(high), None if before is None else place(before))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: its place and size in percent of the plot, and what it says."""

    left: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """A distribution of times in ms; the median and the 95th percentile also in percent of the width."""

    bars: tuple[Bar, ...]
    median: float
    p95: float
    median_ms: float
    p95_ms: float
    longest_ms: float
    end_ms: float
    n: int


def histogram(times: Sequence[float]) -> Histogram | None:
    """The distribution of `times` in ms from 0 on; None if there are none."""
    if not times:
        return None
    array = np.asarray(times, np.float64)
    median, p95, end = (float(each) for each in np.percentile(array, [50, 95, MOST_OF_THE_TIMES]))
    end = max(end, 1.0)
    counts, edges = np.histogram(np.minimum(array, end), bins=BINS, range=(0.0, end))
    most = int(counts.max())
    bars = tuple(
        Bar(
            round(100 * index / BINS, 2),
            round(100 / BINS, 2),
            round(100 * int(count) / most, 2),
            f"{edges[index]:,.0f} to {edges[index + 1]:,.0f} ms: {count}",
        )
        for index, count in enumerate(counts)
    )
    return Histogram(
        bars, 100 * median / end, 100 * p95 / end, median, p95, float(array.max()), end, len(array)
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """A run in a trend, in the plot's units, and what it says. `changed`: the system was another before."""

    x: float
    y: float
    label: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure over the runs: its line and band as SVG points, its dots, and the ends of its scale."""

    line: str
    band: str
    dots: tuple[Dot, ...]
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Value:
    """A figure at one run; `label` says when."""

    value: float
    low: float
    high: float
    label: str
    changed: bool = False


WIDTH, HEIGHT, MARGIN = 300.0, 84.0, 8.0
# A share is drawn on no less than a quarter of its range.
NARROWEST = 0.25


def trend(values: Sequence[Value]) -> Trend | None:
    """Lay out the values from left to right, the oldest first; None unless there are two."""
    if len(values) < 2:  # noqa: PLR2004  # a line has two ends
        return None
    bottom, top = _scale(values)

    def x(index: int) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * index / (len(values) - 1), 1)

    def y(number: float) -> float:
        return round(HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (number - bottom) / (top - bottom)), 1)

    upper = [f"{x(i)},{y(v.high)}" for i, v in enumerate(values)]
    lower = [f"{x(i)},{y(v.low)}" for i, v in enumerate(values)]
    return Trend(
        line=" ".join(f"{x(i)},{y(v.value)}" for i, v in enumerate(values)),
        band=" ".join([*upper, *reversed(lower)]),
        dots=tuple(Dot(x(i), y(v.value), v.label, v.changed) for i, v in enumerate(values)),
        bottom=bottom,
        top=top,
    )


def _scale(values: Sequence[Value]) -> tuple[float, float]:
    """The ends of a trend's scale. It is never so narrow that noise looks like news."""
    low, high = min(v.low for v in values), max(v.high for v in values)
    if high > 1:
        return 0.0, 1.1 * high
    middle, half = (low + high) / 2, max((high - low) / 2, NARROWEST / 2)
    bottom = min(max(0.0, middle - half), 1.0 - 2 * half)
    return max(0.0, bottom), min(1.0, max(0.0, bottom) + 2 * half)
