"""`python -m eval gate`, `report`, `history` and `nightly`."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.commands.means import opened
from eval.errors import EvalError, Incomparable, NightFailed, Unconfigured
from eval.gate import Judgement, judge
from eval.history import History, Point
from eval.labels import written
from eval.nightly import Night, nightly
from eval.report import Occasion, write_report
from eval.results import read_results
from eval.rules import SHIPPED, read_rules
from eval.settings import EvalSettings
from guardrails.errors import GuardrailsError
from ingest.errors import IngestError
from service.errors import ServiceError
from service.reports import PAGE
from service.telemetry import configure_logging

WORSE, USAGE = 1, 2
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("gate")(_gate)
    app.command("report")(_report)
    app.command("history")(_history)
    app.command("nightly")(_nightly)


def _gate(
    candidate: Annotated[Path, typer.Option(help="Folder of the run with the change.")],
    baseline: Annotated[Path, typer.Option(help="Folder of the run without it.")],
    rules: Annotated[
        Path | None, typer.Option(help="Rules in TOML. Default: the setting, or eval/rules.toml.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs. Exits 1 if something got worse or is beyond a limit, 2 if they cannot be compared."""
    with _told():
        chosen = read_rules(rules or EvalSettings().rules or SHIPPED)
        try:
            judgement = judge(candidate, baseline, chosen)
        except Incomparable as error:
            # A limit holds whatever the baseline is: a leak is one, and may itself be why the corpora differ.
            judgement = judge(candidate, None, chosen)
            if judgement.passed:
                raise
            console.print(f"[yellow]not compared:[/] {escape(str(error))}")
    if as_json:
        _print(_judged(judgement))
    else:
        _show(judgement)
    raise typer.Exit(0 if judgement.passed else WORSE)


def _report(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    baseline: Annotated[Path | None, typer.Option(help="Folder of the run to compare with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write report.html, report.md and summary.html beside a run; with what was changed since a baseline."""
    with _told():
        settings = EvalSettings()
        card = write_report(folder, _occasion(settings, folder, baseline))
    if as_json:
        _print(card.model_dump(exclude={"access"}) | {"report": str(folder / PAGE)})
    else:
        Console().print(f"{card.said}. {folder / PAGE}", highlight=False, soft_wrap=True)


def _occasion(settings: EvalSettings, folder: Path, baseline: Path | None) -> Occasion:
    night = read_results(folder).run.at[:10]
    rules, apart = read_rules(settings.rules or SHIPPED), ""
    before = read_results(baseline).run if baseline else None
    try:
        judgement = judge(folder, baseline, rules)
    except Incomparable as error:
        judgement, before, apart = judge(folder, None, rules), None, str(error)
    with closing(History.of(settings)) as history:
        points = history.points(settings.nightly_tenant)
    earlier = [point for point in points if point.night < night]
    return Occasion(settings.nightly_tenant, night, judgement, before, apart, earlier)


def _history(
    tenant: Annotated[str | None, typer.Option(help="Whose nights. Default: the setting.")] = None,
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="How many, the last ones.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The nights so far: verdicts, figures, and what was changed from one to the next."""
    with _told():
        settings = EvalSettings()
        with closing(History.of(settings)) as history:
            points = history.points(tenant or settings.nightly_tenant, most)
    if as_json:
        _print({"runs": [_point(each) for each in points]})
        return
    table = Table("night", "verdict", "changed since the night before")
    for each in points:
        changed = ", ".join(f"{name}: {was} → {now}" for name, (was, now) in each.changed.items())
        table.add_row(each.night, f"{each.verdict}{' (late)' if each.late else ''}", escape(changed))
    Console().print(table)


def _nightly(  # a command's options
    dataset: Annotated[Path | None, typer.Option(help="Questions. Default: the setting.")] = None,
    day: Annotated[
        str | None, typer.Option("--date", help="Date that the report stands for. Default: today.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose questions. Default: the setting.")] = None,
    url: Annotated[
        str | None, typer.Option(help="A server to ask. Default: that of the data folder, or no server.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="TOML or JSON: a key for each who asks, such as `acme:hr`.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run, gate, report, remember, tell: once a date. The same command goes on with what was stopped.

    Exits 1 on a regression, on a failed run, and if somebody could not be told.
    """
    configure_logging(logging.ERROR)
    today = datetime.now(UTC).date()
    with _told():
        settings = _with(EvalSettings(), nightly_dataset=dataset, nightly_tenant=tenant)
        with opened(settings, url, keys, console) as means:
            made = nightly(means, _date(day) if day else today, today)
    if as_json:
        _print({"nights": [_made(each) for each in made]})
    else:
        _list(made)
    bad = any(each.card.verdict == "regression" or each.faults for each in made)
    raise typer.Exit(WORSE if bad else 0)


def _with(settings: EvalSettings, **given: object) -> EvalSettings:
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unconfigured(f"{text} is no date: write YYYY-MM-DD") from error


@contextmanager
def _told() -> Iterator[None]:
    """Errors as one line on stderr, and the contract's exit codes."""
    try:
        yield
    except NightFailed as error:
        console.print(f"[red]no report:[/] {escape(str(error))}")
        raise typer.Exit(WORSE) from error
    except (EvalError, ServiceError, IngestError, GuardrailsError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error


def _print(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False))


def _judged(judgement: Judgement) -> dict[str, Any]:
    return {
        "passed": judgement.passed,
        "candidate": judgement.candidate,
        "baseline": judgement.baseline,
        "changed": {name: list(both) for name, both in judgement.changed.items()},
        "regressions": [verdict.metric for verdict in judgement.regressions],
        "verdicts": [asdict(verdict) | {"stops": verdict.stops} for verdict in judgement.verdicts],
    }


def _show(judgement: Judgement) -> None:
    changed = [f"{name} {was} → {now}" for name, (was, now) in judgement.changed.items()]
    table = Table("metric", "before", "now", "verdict", "why", title=escape("; ".join(changed)) or None)
    for each in judgement.verdicts:
        before = "" if each.baseline is None else written(each.metric, each.baseline)
        state = f"[red]{each.state}[/]" if each.stops else each.state
        table.add_row(each.metric, before, written(each.metric, each.candidate), state, each.reason)
    Console().print(table)
    names = ", ".join(verdict.metric for verdict in judgement.regressions)
    console.print(f"[red]does not pass:[/] {names}" if names else "[green]passes[/]")


def _point(point: Point) -> dict[str, Any]:
    kept = asdict(point)
    kept["figures"] = {name: figure.model_dump() for name, figure in point.figures.items()}
    return kept


def _made(night: Night) -> dict[str, Any]:
    told = night.card.model_dump(exclude={"access"})
    return told | {"folder": str(night.folder), "fresh": night.fresh, "faults": list(night.faults)}


def _list(made: Sequence[Night]) -> None:
    for each in made:
        before = "" if each.fresh else " (was done before)"
        line = f"{each.date}: {each.card.said}{before}. {each.folder / PAGE}"
        Console().print(line, highlight=False, soft_wrap=True)
        for fault in each.faults:
            console.print(f"[red]not told:[/] {escape(fault)}")
