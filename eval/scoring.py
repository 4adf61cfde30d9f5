"""Scores of a run: outcomes and metrics → each row's scores and failures, figures, and breakdowns.

What comes out are plain values in the layout of `rows.jsonl` and `metrics.json`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval import stats
from eval.metric import Failed, Metric, Score
from eval.outcome import Outcome

UNKNOWN = "unknown"
# What figures are broken down by. A breakdown is looked at, not gated: fewer draws do.
SAMPLES = 500
BREAKDOWNS: Mapping[str, Callable[[Outcome], str]] = {
    "kind": lambda outcome: outcome.question.kind,
    "format": lambda outcome: outcome.question.format or UNKNOWN,
    "tenant": lambda outcome: outcome.question.tenant,
    "language": lambda outcome: outcome.question.language or UNKNOWN,
}

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """`rows`: `{"scores", "failures"}` of each outcome, in order; the others as in `metrics.json`.

    A score of None says that the metric does not apply. A breakdown leaves out metrics that apply to none
    of its rows. `failures` counts, by metric, the rows that should have had a score.
    """

    rows: list[Told]
    metrics: dict[str, Told]
    breakdown: dict[str, dict[str, dict[str, Told]]]
    failures: dict[str, int]


def score(outcomes: Sequence[Outcome], metrics: Sequence[Metric]) -> Scored:
    """Score all outcomes by all metrics. A row that cannot be scored is a failure; none raises.

    Blocking, and a judge's metrics run an event loop: from one, call it in a thread.
    """
    columns = {metric.name: metric.scores(outcomes) for metric in metrics}
    groups = {name: _grouped(outcomes, of) for name, of in BREAKDOWNS.items()}
    return Scored(
        [_row({name: column[place] for name, column in columns.items()}) for place in range(len(outcomes))],
        {metric.name: _figure(metric, columns[metric.name]) for metric in metrics},
        {
            name: {value: _part(metrics, columns, places) for value, places in sorted(values.items())}
            for name, values in groups.items()
        },
        dict(
            Counter(name for name, column in columns.items() for each in column if isinstance(each, Failed))
        ),
    )


def _row(scores: Mapping[str, Score]) -> Told:
    return {
        "scores": {name: each for name, each in scores.items() if not isinstance(each, Failed)},
        "failures": {name: each.reason for name, each in scores.items() if isinstance(each, Failed)},
    }


def _grouped(outcomes: Sequence[Outcome], of: Callable[[Outcome], str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, outcome in enumerate(outcomes):
        groups[of(outcome)].append(place)
    return groups


def _part(
    metrics: Sequence[Metric], columns: Mapping[str, Sequence[Score]], places: Sequence[int]
) -> dict[str, Told]:
    parts = [(metric, [columns[metric.name][place] for place in places]) for metric in metrics]
    return {
        metric.name: _figure(metric, part, SAMPLES)
        for metric, part in parts
        if any(each is not None for each in part)
    }


def _figure(metric: Metric, column: Sequence[Score], samples: int = stats.SAMPLES) -> Told:
    values = [each for each in column if isinstance(each, float | int)]
    failed = sum(isinstance(each, Failed) for each in column)
    made = stats.figure(values, metric.summary, failed, samples)
    return asdict(made) | {"better": metric.better, "summary": metric.summary, "gates": metric.gates}
