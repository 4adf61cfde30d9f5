"""`python -m eval adapter`: an adapter's quality, measured without the service. Builds the real engine."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.adapter import Reply, ask_all, figures
from eval.by_group import by_group, group_rows
from eval.errors import EvalError
from eval.few_shot import FewShot
from eval.quality import fewer, measured_rows
from eval.settings import EvalSettings
from eval.stats import Figure
from guardrails.errors import GuardrailsError
from ingest.embedders import configured
from ingest.errors import IngestError
from ingest.settings import IngestSettings
from service.adapters import DEFAULT, AdapterRegistry
from service.errors import ServiceError
from service.reading import Reader
from service.scrutiny import Scrutiny
from service.settings import ServiceSettings

console = Console(stderr=True)
GROUPS = "groups.json"  # beside metrics.json
Groups = dict[str, dict[str, Figure]]


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(adapter)


def adapter(
    questions: Annotated[Path, typer.Option(help="SQuAD v2 file, never trained on.")],
    model: Annotated[str, typer.Option(help="Adapter, or `default`.")] = DEFAULT,
    out: Annotated[Path | None, typer.Option(help="Folder for rows.jsonl and metrics.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Measure an adapter on questions with their passage among the four that a search puts beside it.

    Some are asked over passages of other articles, the five nearest. Beside it the base model, as it is and
    with worked examples in the prompt, on the first of the same questions; and the adapter on a few about
    people of different names.
    """
    try:
        results, groups = _measure(questions, model)
    except (EvalError, GuardrailsError, IngestError, ServiceError) as error:
        console.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(2) from error
    if out:
        _write(out, results, groups)
    if as_json:
        json.dump(_plain(results), sys.stdout)
    else:
        _print({name: figures(replies) for name, replies in results.items()})
        _print(groups)


def _measure(questions: Path, model: str) -> tuple[dict[str, list[Reply]], Groups]:
    """What each model replied, and the adapter's figures by group of people."""
    # Seconds to import: not for who asks for help.
    from service.embedded import EmbeddedEngine  # noqa: PLC0415  # see above
    from service.models import load_adapted  # noqa: PLC0415  # see above

    settings, service = EvalSettings(), ServiceSettings()
    registry = AdapterRegistry(service.adapters, service.model, service.default_adapter)
    name = registry.resolve(model)
    engine = EmbeddedEngine(
        lambda wanted: load_adapted(service.model, service.cache, registry.path(wanted)), service.threads
    )
    embedder = configured(IngestSettings())
    scrutiny = Scrutiny()
    with console.status("looking for hard distractors"):
        rows = measured_rows(questions, settings, embedder)
    few = fewer(rows, settings.base_questions)
    asked = {name: (Reader(engine, name, registry.calibration(name), scrutiny), rows)}
    if settings.base_questions:
        plain = Reader(engine, registry.base, registry.calibration(registry.base), scrutiny)
        asked[registry.base] = plain, few
        asked[f"{registry.base}, few-shot"] = replace(plain, generator=FewShot(engine)), few
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        results = {}
        for each, (reader, its_rows) in asked.items():
            task = progress.add_task(each, total=len(its_rows))
            results[each] = ask_all(
                reader,
                its_rows,
                lambda n, task=task: progress.update(task, completed=n),  # type: ignore[misc]  # bound per loop
            )
        task = progress.add_task("by group", total=len(group_rows()))
        groups = ask_all(asked[name][0], group_rows(), lambda n: progress.update(task, completed=n))
    engine.close()
    return results, by_group(groups)


def _plain(results: dict[str, list[Reply]]) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name: {metric: asdict(value) for metric, value in figures(replies).items()}
        for name, replies in results.items()
    }


def _write(out: Path, results: dict[str, list[Reply]], groups: Groups) -> None:
    out.mkdir(parents=True, exist_ok=True)
    told = {group: {metric: asdict(of) for metric, of in row.items()} for group, row in groups.items()}
    (out / GROUPS).write_text(json.dumps(told, indent=2))
    (out / "metrics.json").write_text(json.dumps(_plain(results), indent=2))
    with (out / "rows.jsonl").open("w") as lines:
        for name, replies in results.items():
            for reply in replies:
                row = {"model": name, "reply": reply.text, **asdict(reply.row)}
                lines.write(json.dumps(row) + "\n")


def _print(found: Groups) -> None:
    table = Table("metric", *found, title="mean [95% interval] (rows)")
    for metric in next(iter(found.values())):
        table.add_row(metric, *(str(column[metric]) for column in found.values()))
    Console().print(table)
