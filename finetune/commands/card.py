"""`python -m finetune card|calibrate`: what an adapter's folder says of it, once it is trained."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from eval.commands.adapter import GROUPS
from eval.errors import BadQuestions
from eval.quality import unmeasured_rows
from eval.settings import EvalSettings
from finetune.commands.terminal import Json, clear_errors, console, show
from finetune.settings import FinetuneSettings
from ingest.embedders import configured
from ingest.settings import IngestSettings
from service.calibration import keep
from service.scrutiny import Scrutiny

LEAST = 10  # answerable questions


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(card)
    app.command()(calibrate)


def card(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter.")],
    figures: Annotated[Path, typer.Option(help="metrics.json of `python -m eval adapter --out`.")],
    command: Annotated[str, typer.Option(help="The command that reproduces them.")] = "make quality",
    as_json: Json = False,
) -> None:
    """Put measured figures into an adapter's card, and those by group that lie beside them."""
    from finetune.card import add_figures

    with clear_errors():
        groups = figures.with_name(GROUPS)
        bias = _measured(groups) if groups.exists() else None
        show(add_figures(adapter, _measured(figures), command, bias), as_json)


def _measured(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise typer.BadParameter(
            f"--figures: {file} cannot be read; write it with `python -m eval adapter --out`"
        ) from error


def calibrate(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter.")],
    questions: Annotated[Path, typer.Option(help="SQuAD v2 file, never trained on.")],
    wrongly: Annotated[float, typer.Option(help="Share of answerable questions that may be refused.")] = 0.08,
    count: Annotated[
        int, typer.Option(min=1, help="Questions to choose on; those of `make quality` are left out.")
    ] = 300,
    pointed: Annotated[
        bool,
        typer.Option(help="Read only what the answerability model points at: better for small models."),
    ] = True,
    as_json: Json = False,
) -> None:
    """Set how an adapter reads, and how readily it refuses: on rows such as it is measured on."""
    from finetune.training.calibrate import calibrated, leanings, refused
    from service.models import load_adapted

    with clear_errors():
        settings, embedder = FinetuneSettings(), configured(IngestSettings())
        with console.status("looking for hard distractors"):
            rows = unmeasured_rows(questions, count, EvalSettings(), embedder)
        answered = sum(row.kind == "answerable" for row in rows)
        if answered < LEAST:
            raise BadQuestions(
                f"{questions}: {answered} questions with an answer are left, too few to choose constants on: "
                f"{LEAST} or more beside the {EvalSettings().questions} that are measured (eval.questions)"
            )
        base = load_adapted(settings.model, settings.cache, adapter)
        scrutiny = Scrutiny()
        with Progress(console=console) as progress:
            task = progress.add_task("asking", total=len(rows))
            found = leanings(base, rows, scrutiny, lambda n: progress.update(task, completed=n))
        manner = calibrated(found, wrongly, scrutiny.model if pointed else "")
        keep(adapter, manner)
        before = refused(found, manner.without_constants)
        show({"kept": asdict(manner), "refused_before": before, "refused": refused(found, manner)}, as_json)
