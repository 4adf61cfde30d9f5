"""The rows that went worst, and why: what a person should read first."""

import heapq
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from eval.results import Measured, Scored

# An error or a leak is worse than any score; what went well before comes before what never did.
BROKEN, FALLEN = 10.0, 1.0
# So far from the best is nothing that a person need look at.
SLIGHT = 0.25


@dataclass(frozen=True, slots=True)
class Worst:
    """A row, how bad it is (0: nothing wrong), and the metrics that say so with their scores.

    `fell`: whether a metric that got worse did so here.
    """

    row: Scored
    badness: float
    faults: tuple[tuple[str, float], ...]
    fell: bool = False


def worst(
    rows: Iterable[Scored],
    metrics: Mapping[str, Measured],
    fallen: AbstractSet[str] = frozenset(),
    most: int = 20,
) -> list[Worst]:
    """The worst rows, the worst first; rows with nothing wrong are left out. Holds no more than `most`.

    `fallen` are the ids of rows that a regression shows in.
    """
    judged = (_judged(row, metrics, row.id in fallen) for row in rows)
    # Ties go by the id: the same run gives the same report.
    return heapq.nsmallest(most, (each for each in judged if each.badness > 0), key=_order)


def _order(each: Worst) -> tuple[float, str]:
    return -each.badness, each.row.id


def _judged(row: Scored, metrics: Mapping[str, Measured], fell: bool) -> Worst:
    faults = {
        name: (score, _fault(score, metrics[name]))
        for name, score in row.scores.items()
        if score is not None and name in metrics and _is_share(metrics[name], score)
    }
    wrong = sorted((name for name in faults if faults[name][1] > 0), key=lambda name: -faults[name][1])
    badness = sum(fault for _, fault in faults.values()) / max(1, len(faults))
    said = tuple((name, faults[name][0]) for name in wrong)
    if row.outcome.error or any(_leaked(row, name) for name in wrong):
        badness += BROKEN
    return Worst(row, badness + FALLEN * fell, said, fell)


def _is_share(figure: Measured, score: float) -> bool:
    """Whether it is on a scale of 0 to 1; times, lengths and costs say nothing of a single row."""
    return figure.gates and figure.summary == "mean" and 0 <= score <= 1 and figure.value <= 1


def _fault(score: float, figure: Measured) -> float:
    fault = 1 - score if figure.better == "higher" else score
    return fault if fault > SLIGHT else 0.0


def _leaked(row: Scored, name: str) -> bool:
    return name.startswith("leak") and bool(row.scores[name])
