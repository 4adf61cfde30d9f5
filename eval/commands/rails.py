"""`python -m eval rails`: the rails' quality on labelled texts. Builds the real rails."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.errors import EvalError
from eval.rails.figures import Line
from eval.rails.measure import Quality, chosen, measure
from eval.rails.screening import Screening, Watch
from guardrails.errors import GuardrailsError
from guardrails.policy_file import DEFAULT_POLICY, load_policy
from ingest.embedders import fitted
from ingest.errors import IngestError
from ingest.settings import IngestSettings

MISSED, USAGE = 1, 2
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(rails)


def rails(  # noqa: PLR0913, PLR0917  # a command's options
    data: Annotated[Path, typer.Option(help="Folder of public data, with `guard`, `qa` and `corpus` in it.")],
    only: Annotated[str | None, typer.Option(help="Rails, such as `injection,harm`. Default: all.")] = None,
    policy: Annotated[
        str, typer.Option(help="Policy whose thresholds hold: a preset or a file.")
    ] = DEFAULT_POLICY,
    most: Annotated[
        int | None, typer.Option(min=1, help="Texts of a set that are read, by a hash. Default: all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for rails.json.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 if a goal is missed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Measure the rails on texts that none was trained on: by source and by length, with intervals."""
    began = time.monotonic()
    try:
        with _progress() as watch:
            embedder = fitted(IngestSettings())  # the one that their thresholds were fitted with
            quality = measure(Screening(load_policy(policy), embedder, watch, most), data, chosen(only))
    except (EvalError, GuardrailsError, IngestError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error
    told = _plain(quality) | {"seconds": round(time.monotonic() - began)}
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "rails.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        _show(quality)
    raise typer.Exit(MISSED if check and quality.missed else 0)


@contextmanager
def _progress() -> Iterator[Watch]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("loading")

        def watch(what: str, done: int, of: int) -> None:
            shown.update(task, description=what, completed=done, total=of)

        yield watch


def _plain(quality: Quality) -> dict[str, Any]:
    return {
        "policy": quality.policy,
        "figures": [_told(line) for line in quality.lines],
        "missed": [f"{line.rail}: {line.name}" for line in quality.missed],
        "absent": list(quality.absent),
    }


def _told(line: Line) -> dict[str, Any]:
    figure = {name: round(value, 4) for name, value in asdict(line.figure).items()}
    goal = str(line.goal) if line.goal else None
    told = {"rail": line.rail, "name": line.name, "of": line.of} | figure | {"goal": goal, "met": line.met}
    return told | ({"bins": [asdict(each) for each in line.bins]} if line.bins else {})


def _show(quality: Quality) -> None:
    table = Table(
        "rail", "figure", "value [95% interval] (texts)", "goal", "", title=f"Policy {quality.policy}"
    )
    for line in quality.lines:
        if line.of == "all" or line.goal:
            mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[line.met]
            table.add_row(line.rail, escape(line.name), _figure(line), str(line.goal or ""), mark)
    Console().print(table)
    for rail in dict.fromkeys(line.rail for line in quality.lines):
        _show_parts(rail, [line for line in quality.lines if line.rail == rail and line.of != "all"])
    if quality.absent:
        console.print(f"not run by this policy: {', '.join(quality.absent)}")


def _show_parts(rail: str, lines: Sequence[Line]) -> None:
    """By source, length or type: a row each, a column for each figure."""
    if not lines:
        return
    names = list(dict.fromkeys(line.name for line in lines))
    found = {(line.of, line.name): line for line in lines}
    table = Table("of", *names, title=rail)
    for part in dict.fromkeys(line.of for line in lines):
        cells = (found.get((part, name)) for name in names)
        table.add_row(escape(part), *("" if cell is None else _figure(cell) for cell in cells))
    Console().print(table)


def _figure(line: Line) -> str:
    """Measured on no text is not 0."""
    return str(line.figure) if line.figure.n else "-"
