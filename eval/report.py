"""The report of a run: one page that stands alone, the same in Markdown, and a summary without texts.

Documents and answers are other people's words: the templates escape all that they are given.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from eval import labels, view
from eval.charts import histogram
from eval.gate import Judgement
from eval.history import Point, annotated, point
from eval.results import Manifest, Measured, Results, Scored, read_results, read_rows
from eval.rules import read_rules
from eval.worst import worst
from service.reports import CARD, PAGE, SUMMARY, Grant, Headline, ReportCard

MARKDOWN = "report.md"
# Metrics that the verdict names; the others are listed below it.
NAMED = 3
TEMPLATES = Path(__file__).parent / "templates"
BREAKDOWNS = {
    "kind": "kind of question",
    "format": "document format",
    "language": "language",
    "tenant": "tenant",
}
Outcome = Literal["passed", "regression", "first", "incomparable"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a report says beside the run's own figures.

    `night` is the date it stands for; `late`, that it was made after that, or makes up for `missed` nights.
    `baseline` is the run compared with, `apart` why there is none that could be. `before` are earlier runs,
    the oldest first. `notes` are for the reader, a sentence each.
    """

    tenant: str
    night: str
    judgement: Judgement | None = None
    baseline: Manifest | None = None
    apart: str = ""
    before: Sequence[Point] = ()
    late: bool = False
    missed: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def outcome(self) -> Outcome:
        """The verdict in a word; a limit holds without a baseline too."""
        if self.judgement and not self.judgement.passed:
            return "regression"
        if self.apart:
            return "incomparable"
        return "passed" if self.judgement and self.judgement.baseline else "first"


@dataclass
class _Gathered:
    """What the rows give, in one pass over them: a run may have more than memory holds."""

    first: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)
    errors: int = 0
    leaked: bool = False
    lacking: Counter[str] = field(default_factory=Counter)
    asked: set[tuple[str, tuple[str, ...] | None]] = field(default_factory=set)

    def watch(self, rows: Iterable[Scored]) -> Iterable[Scored]:
        for row in rows:
            outcome, question = row.outcome, row.outcome.question
            self.asked.add((question.tenant, question.groups))
            self.errors += outcome.error is not None
            self.leaked |= any(score for name, score in row.scores.items() if name.startswith("leak"))
            # A row without an answer has failed every metric: that is said once.
            if outcome.error is None:
                self.lacking.update(row.failures)
            if outcome.answered:
                self.first.append(outcome.first_token_ms)
                self.total.append(outcome.total_ms)
            yield row


def write_report(folder: Path, occasion: Occasion) -> ReportCard:
    """Write the report of the run in `folder` beside it, and return its card.

    Raises:
        BadRun: there is no finished run in `folder`.
    """
    results, gathered = read_results(folder), _Gathered()
    regressions = occasion.judgement.regressions if occasion.judgement else ()
    fallen = {row for verdict in regressions for row in verdict.flipped}
    rows = worst(gathered.watch(read_rows(folder)), _gating(results, occasion), fallen)
    card = _card(results, occasion, gathered)
    page = _page(results, occasion, gathered, card)
    page["rows"] = [view.shown(row) for row in rows]
    for name, template, texts in (
        (PAGE, "report.html", True),
        (SUMMARY, "report.html", False),
        (MARKDOWN, "report.md", True),
    ):
        (folder / name).write_text(_templates().get_template(template).render(page, texts=texts), "utf-8")
    (folder / CARD).write_text(card.model_dump_json(indent=1), "utf-8")
    return card


def _gating(results: Results, occasion: Occasion) -> dict[str, Measured]:
    """The figures that a change may fail on: by others, such as precision of ten, every row falls short."""
    if occasion.judgement:
        names = {verdict.metric for verdict in occasion.judgement.verdicts if verdict.gates}
    else:
        rules = read_rules()
        names = {name for name in results.metrics if (rule := rules.of(name)) and rule.gates}
    return {name: figure for name, figure in results.metrics.items() if name in names}


def said(occasion: Occasion) -> str:
    """The verdict in a sentence."""
    judgement = occasion.judgement
    if judgement and not judgement.passed:
        worse = [verdict for verdict in judgement.regressions if verdict.state == "worse"]
        named = [labels.label(verdict.metric) for verdict in worse or judgement.regressions]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        return f"{'Regression' if worse else 'Too few rows scored'}: {', '.join(named[:NAMED])}{more}"
    return {
        "first": "First run: nothing to compare with yet",
        "incomparable": "Not compared",
    }.get(occasion.outcome, "Nothing got worse")


def _page(results: Results, occasion: Occasion, gathered: _Gathered, card: ReportCard) -> dict[str, Any]:
    metrics = labels.headlines(results.metrics)
    points = annotated(
        [
            *(
                each
                for each in occasion.before
                if each.run != results.run.id and each.night != occasion.night
            ),
            point(results, occasion.night, occasion.outcome, late=occasion.late),
        ]
    )
    judgement = occasion.judgement
    return {
        "card": card,
        "occasion": occasion,
        "run": results.run,
        "errors": gathered.errors,
        "changed": judgement.changed if judgement else {},
        "worse": judgement.regressions if judgement else (),
        "advice": [v for v in judgement.of("worse") if not v.stops] if judgement else [],
        "better": judgement.of("better") if judgement else (),
        "parts": view.lines(results, judgement),
        "columns": [labels.label(name) for name in metrics],
        "breakdowns": {
            title: found
            for by, title in BREAKDOWNS.items()
            if len(found := view.slices(results, by, metrics)) > 1
        },
        "curves": view.curves(points, metrics),
        "points": points,
        "latency": {
            "First token": histogram(gathered.first),
            "Whole answer": histogram(gathered.total),
        },
        "failures": gathered.lacking,
    }


def _card(results: Results, occasion: Occasion, gathered: _Gathered) -> ReportCard:
    judgement = occasion.judgement
    states = {verdict.metric: verdict.state for verdict in judgement.verdicts} if judgement else {}
    return ReportCard(
        id=occasion.night,
        date=occasion.night,
        at=results.run.at,
        verdict=occasion.outcome,
        said=said(occasion),
        late=occasion.late,
        questions=results.run.dataset.rows,
        headline=tuple(
            _headline(name, results, states.get(name)) for name in labels.headlines(results.metrics)
        ),
        worse=tuple(v.metric for v in judgement.regressions) if judgement else (),
        better=tuple(v.metric for v in judgement.of("better")) if judgement else (),
        access=_access(results.run, gathered),
    )


def _headline(name: str, results: Results, state: str | None) -> Headline:
    figure = results.metrics[name]
    return Headline(
        metric=name,
        label=labels.label(name),
        value=figure.value,
        text=labels.written(name, figure.value),
        low=figure.low,
        high=figure.high,
        n=figure.n,
        state=state,
    )


def _access(run: Manifest, gathered: _Gathered) -> tuple[Grant, ...]:
    """What a reader of the texts must be allowed to read: what the askers were, if nobody knows better.

    Where something leaked, the rows quote what their askers may not read: they are for who sees every group.
    """
    tenants = sorted({tenant for tenant, _ in gathered.asked})
    if gathered.leaked:
        return tuple(Grant(tenant=each) for each in tenants)
    if run.groups is not None:
        return tuple(Grant(tenant=each, groups=groups) for each in tenants for groups in ((), *run.groups))
    askers = sorted(gathered.asked, key=lambda each: (each[0], each[1] is not None, each[1] or ()))
    grants = (
        [Grant(tenant=tenant)] if groups is None else [Grant(tenant=tenant, groups=(g,)) for g in groups]
        for tenant, groups in askers
    )
    every = [Grant(tenant=each, groups=()) for each in tenants]
    return tuple(dict.fromkeys([*every, *(grant for each in grants for grant in each)]))


def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "written": lambda value, metric: labels.written(metric, value),
        "signed": lambda value, metric: labels.written(metric, value, signed=True),
        "label": labels.label,
        "short": view.short,
        "block": _block,
        "line": _line,
        "times": view.times,
    }
    return made


def _block(text: str) -> str:
    """Any text as Markdown's indented code: nothing in it is Markdown or HTML."""
    return "\n".join(f"    {line}" for line in text.splitlines() or [""])


def _line(text: str) -> str:
    """Any text as Markdown's code within a line."""
    return f"`{' '.join(text.replace('`', chr(39)).replace('|', '/').split())}`"
