"""What the report shows, made ready for the templates: they draw, and decide nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval import labels
from eval.charts import Histogram, Interval, Trend, Value, interval, trend
from eval.comparison import State, Verdict
from eval.gate import Judgement
from eval.history import Point
from eval.marking import Piece, passage_pieces
from eval.outcome import Passage
from eval.results import Measured, Results
from eval.worst import Worst

MOST_TRENDS = 6
# Parts of a fingerprint are hashes and names: so many characters tell them apart.
SHORT = 28


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as a row of the table; `verdict` is None where the gate was not asked."""

    metric: str
    label: str
    value: str
    low: str
    high: str
    n: int
    coverage: float
    better: str
    gates: bool
    plot: Interval
    before: str
    change: str
    state: State | None
    reason: str
    good: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of the rows of one kind, format, tenant or language; a share is drawn as a bar."""

    value: str
    n: int
    cells: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure's trend."""

    label: str
    now: str
    bottom: str
    top: str
    plot: Trend


@dataclass(frozen=True, slots=True)
class Text:
    """A passage that the model was shown, with what matters in it marked."""

    passage: Passage
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the worst rows."""

    worst: Worst
    faults: tuple[tuple[str, str], ...]
    texts: tuple[Text, ...]


def lines(results: Results, judgement: Judgement | None) -> dict[str, list[Line]]:
    """The figures by part of the table; those that rest on no row are left out, unless they are at fault."""
    verdicts = {verdict.metric: verdict for verdict in judgement.verdicts} if judgement else {}
    known = [
        name
        for name, figure in results.metrics.items()
        if figure.n or (name in verdicts and verdicts[name].stops)
    ]
    return {
        part: [_line(name, results.metrics[name], verdicts.get(name)) for name in names]
        for part, names in labels.parts(known).items()
    }


def _line(name: str, figure: Measured, verdict: Verdict | None) -> Line:
    before = verdict.baseline if verdict else None
    most = 1.0 if figure.high <= 1 and (before or 0) <= 1 else 1.1 * max(figure.high, before or 0)
    gain = (verdict.change if verdict else 0.0) * (1 if figure.better == "higher" else -1)
    return Line(
        metric=name,
        label=labels.label(name),
        value=labels.written(name, figure.value),
        low=labels.written(name, figure.low),
        high=labels.written(name, figure.high),
        n=figure.n,
        coverage=figure.coverage,
        better=figure.better,
        gates=verdict.gates if verdict else figure.gates,
        plot=interval(figure.value, figure.low, figure.high, before, most),
        before="" if before is None else labels.written(name, before),
        change=labels.written(name, verdict.change, signed=True) if verdict and before is not None else "",
        state=verdict.state if verdict else None,
        reason=verdict.reason if verdict else "",
        good=gain >= 0,
    )


def slices(results: Results, by: str, metrics: Sequence[str]) -> list[Slice]:
    """The breakdown `by` kind, format, tenant or language: of each value these metrics."""
    return [
        Slice(value or "none", max((figure.n for figure in held.values()), default=0), _cells(held, metrics))
        for value, held in results.breakdown.get(by, {}).items()
    ]


def _cells(held: Mapping[str, Measured], metrics: Sequence[str]) -> tuple[tuple[str, float | None], ...]:
    def cell(name: str) -> tuple[str, float | None]:
        figure = held.get(name)
        if figure is None or not figure.n:
            return "", None
        return labels.written(name, figure.value), figure.value if 0 <= figure.value <= 1 else None

    return tuple(cell(name) for name in metrics)


def curves(points: Sequence[Point], metrics: Sequence[str]) -> list[Curve]:
    """The trends of these metrics, as far as two runs have them."""
    drawn = (_curve(points, name) for name in metrics[:MOST_TRENDS])
    return [curve for curve in drawn if curve]


def _curve(points: Sequence[Point], name: str) -> Curve | None:
    held = [point for point in points if name in point.figures]
    values = [
        Value(
            value=point.figures[name].value,
            low=point.figures[name].low,
            high=point.figures[name].high,
            label=f"{point.night}: {labels.written(name, point.figures[name].value)}",
            changed=bool(point.changed),
        )
        for point in held
    ]
    plot = trend(values)
    if plot is None:
        return None
    now, bottom, top = (labels.written(name, each) for each in (values[-1].value, plot.bottom, plot.top))
    return Curve(labels.label(name), now, bottom, top, plot)


def shown(row: Worst) -> Shown:
    """A row with its passages."""
    outcome = row.row.outcome
    return Shown(
        row,
        tuple((labels.label(name), labels.written(name, score)) for name, score in row.faults),
        tuple(Text(passage, tuple(passage_pieces(outcome, passage))) for passage in outcome.shown),
    )


def times(drawn: Histogram | None) -> dict[str, str]:
    """What stands beside a distribution of times."""
    if drawn is None:
        return {}
    told = {"median": drawn.median_ms, "95% are faster than": drawn.p95_ms, "longest": drawn.longest_ms}
    return {name: labels.written("_ms", value) for name, value in told.items()}


def short(name: str | None) -> str:
    """A part of a fingerprint as people read it."""
    if not name:
        return "none"
    return name if len(name) <= SHORT else f"{name[: SHORT - 1]}…"
