"""`python -m eval perplexity` and `agreement`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from eval.agreement import Agreements, measure, read_labelled
from eval.errors import BadQuestions, EvalError
from eval.measures import judge_metrics, open_judge
from eval.questions import read_rows
from eval.settings import EvalSettings
from ingest.embedders import configured
from ingest.errors import IngestError
from ingest.settings import IngestSettings
from service.adapters import DEFAULT, AdapterRegistry
from service.errors import ServiceError
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from eval.perplexity import Perplexity

console = Console(stderr=True)


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("perplexity")(_perplexity)
    app.command("agreement")(_agreement)


def _perplexity(
    text: Annotated[Path | None, typer.Option(help="Held-out text, paragraphs apart.")] = None,
    questions: Annotated[Path | None, typer.Option(help="SQuAD v2 file: its answers are foretold.")] = None,
    model: Annotated[str, typer.Option(help="Adapter, base model, or `default`.")] = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """How well an adapter foretells text that it has not seen: bits per token, and perplexity."""
    if (text is None) == (questions is None):
        _leave("give either --text FILE or --questions FILE")
    try:
        name, told = _measure(text, questions, model)
    except (EvalError, ServiceError) as error:
        _leave(str(error), error)
    if as_json:
        figures = {"bits_per_token": asdict(told.bits), "perplexity": asdict(told.value)}
        json.dump({"model": name, "tokens": told.tokens} | figures, sys.stdout)
    else:
        Console().print(f"{name}: {told.bits} bits per token, perplexity {told.value}", highlight=False)


def _agreement(
    rows: Annotated[Path, typer.Option(help="Labelled answers, a JSON object a line.")],
    metric: Annotated[str, typer.Option(help="The judge's metric that the labels are of.")] = "faithfulness",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Whether the judge agrees with people: Cohen's kappa. If it does, a gate may rest on the metric."""
    settings = EvalSettings()
    try:
        labelled = read_labelled(rows)
        judge, table = (
            open_judge(settings),
            judge_metrics(settings, configured(IngestSettings())),
        )
        chosen = next((each for each in table if each.name == metric), None)
        if chosen is None:
            _leave(f"the judge has no metric {metric!r}, but: {', '.join(each.name for each in table)}")
        found = measure(chosen, judge.manner.name, labelled)
    except (EvalError, IngestError) as error:
        _leave(str(error), error)
    Agreements(settings.verdicts).keep(found)
    gates = found.suffices(settings.judge_agreement)
    if as_json:
        json.dump(asdict(found) | {"gates": gates}, sys.stdout)
    else:
        verdict = "a gate may rest on it" if gates else "it advises, and gates nothing"
        Console().print(f"{metric} by {found.judge}: kappa {found.kappa}; {verdict}", highlight=False)
        for row, reason in found.failures.items():
            console.print(escape(f"{row}: {reason}"), highlight=False)
    raise typer.Exit(1 if found.failures else 0)


def _measure(text: Path | None, questions: Path | None, model: str) -> tuple[str, "Perplexity"]:
    # Seconds to import: not for who asks for help.
    from eval.perplexity import of_answers, of_text, perplexity  # noqa: PLC0415  # see above
    from service.models import load_adapted  # noqa: PLC0415  # see above

    settings, service = EvalSettings(), ServiceSettings()
    registry = AdapterRegistry(service.adapters, service.model, service.default_adapter)
    name = registry.resolve(model)
    rows = read_rows(questions, settings.questions, 0) if questions else []
    words = _read(text) if text else ""
    base = load_adapted(service.model, service.cache, registry.path(name))
    stretches = of_text(base, words) if text else of_answers(base, rows)
    with Progress(console=console) as progress:
        task = progress.add_task(name, total=len(stretches))
        return name, perplexity(base, stretches, lambda done: progress.update(task, completed=done))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{path}: cannot be read: {error}") from error


def _leave(message: str, error: Exception | None = None) -> NoReturn:
    console.print(f"[red]{escape(message)}[/]")
    raise typer.Exit(2) from error
