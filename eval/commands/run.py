"""`python -m eval run`: ask a dataset's questions, score the answers, report."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.errors import EvalError
from eval.gate import judge
from eval.measures import judge_name
from eval.report import Occasion, write_report
from eval.rules import SHIPPED, read_rules
from eval.run import Finished, Order, Watch
from eval.settings import EvalSettings
from eval.wiring import Place, carry_out
from guardrails.errors import GuardrailsError
from ingest.errors import IngestError
from service.errors import ServiceError
from service.telemetry import configure_logging

FAILED, USAGE = 1, 2
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(run)


def run(  # noqa: PLR0913, PLR0917  # a command's options
    dataset: Annotated[Path, typer.Option(help="Questions, a JSON object a line.")],
    out: Annotated[Path, typer.Option(help="Folder for rows.jsonl, metrics.json and the report.")],
    url: Annotated[
        str | None, typer.Option(help="A server to ask. Default: that of the data folder, or no server.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Key for another server. Better: PLUMBLINE_EVAL__KEY.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="TOML or JSON: a key for each who asks, such as `acme:hr`.")
    ] = None,
    model: Annotated[str, typer.Option(help="Adapter, or `default`.")] = "default",
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=256, help="Questions under way at a time. Default: the setting.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Ask every question, score the answers, write rows, figures and the report.

    The same command goes on where a run was stopped, and asks again what failed.
    """
    configure_logging(logging.ERROR)
    with _reported(out):
        settings = EvalSettings()
        given = key or (settings.key.get_secret_value() if settings.key else None)
        order = Order(dataset, out, concurrency or settings.concurrency, judge_name(settings))
        place = Place(model, url, given, keys, settings.patience)
        with _progress() as watch:
            finished = carry_out(order, place, watch, _report(settings))
    if as_json:
        print(json.dumps(_plain(finished, out), ensure_ascii=False))
    else:
        _show(finished, out)
    for failed in finished.failed:
        console.print(f"[red]{escape(failed.question.id)}[/] {escape(failed.error or '')}")
    raise typer.Exit(FAILED if finished.failed else 0)


def _report(settings: EvalSettings) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        """Nothing to compare with: the rules' limits hold all the same."""
        judgement = judge(folder, None, read_rules(settings.rules or SHIPPED))
        write_report(folder, Occasion(settings.nightly_tenant, f"{datetime.now(UTC):%Y-%m-%d}", judgement))

    return write


@contextmanager
def _reported(out: Path) -> Iterator[None]:
    """Errors as one line on stderr and the contract's exit code; a stop says how to go on."""
    try:
        yield
    except (EvalError, ServiceError, IngestError, GuardrailsError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error
    except KeyboardInterrupt as error:
        console.print(
            f"[yellow]stopped;[/] what was answered is in {out}: the same command goes on from there"
        )
        raise typer.Exit(FAILED) from error


@contextmanager
def _progress() -> Iterator[Watch]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("opening")

        def watch(stage: str, done: int, total: int) -> None:
            shown.update(task, description=stage, completed=done, total=total)

        yield watch


def _plain(finished: Finished, out: Path) -> dict[str, object]:
    failed = [{"id": each.question.id, "error": each.error} for each in finished.failed]
    return {
        "run": finished.run.model_dump(),
        "metrics": finished.scored.metrics,
        "failed": failed,
        "out": str(out),
    }


def _show(finished: Finished, out: Path) -> None:
    title = f"{finished.run.dataset.rows} questions in {finished.run.seconds:.0f} s"
    table = Table("metric", "value", "95% interval", "rows", "coverage", title=title)
    for name, figure in finished.scored.metrics.items():
        # Measured on no row is not 0.
        value = f"{figure['value']:.3f}" if figure["n"] else "-"
        interval = f"{figure['low']:.3f} to {figure['high']:.3f}" if figure["n"] else ""
        table.add_row(name, value, interval, str(figure["n"]), f"{figure['coverage']:.0%}")
    Console().print(table)
    console.print(f"The report is {out / 'report.html'}")
