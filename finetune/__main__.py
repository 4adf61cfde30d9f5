"""The command line: `python -m finetune build|train|blend|calibrate|card|rail`. Builds the real model."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from eval.errors import EvalError
from eval.grounding_texts import unseen_texts
from eval.questions import read_rows
from eval.settings import EvalSettings
from finetune import dataset as datasets
from finetune.errors import FinetuneError
from finetune.hyperparameters import Hyperparameters
from finetune.settings import FinetuneSettings
from ingest.embed import SentenceEmbedder, packaged_folder
from ingest.settings import IngestSettings
from service.calibration import ONCE, TWICE, Calibration, keep
from service.errors import ServiceError
from service.likeness import Likeness

if TYPE_CHECKING:
    from finetune.train_lora import Progress as Step
    from finetune.train_lora import Trainer

app = typer.Typer(
    no_args_is_help=True, help="From questions to an adapter.", pretty_exceptions_show_locals=False
)
console = Console(stderr=True)


class Rail(StrEnum):
    """Rails with a trained model."""

    ENCODER = "encoder"
    GROUNDING = "grounding"


Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (FinetuneError, ServiceError, EvalError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from error


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        json.dump(result, sys.stdout)
    else:
        Console().print_json(data=result)


@app.command()
def build(  # noqa: PLR0913, PLR0917  # a command line's options
    source: Annotated[list[Path], typer.Option("--from", help="SQuAD v2 JSON, or our JSON lines (.gz too).")],
    out: Annotated[Path, typer.Option(help="Folder of the new dataset.")],
    license_: Annotated[list[str] | None, typer.Option("--license", help="A source's licence.")] = None,
    rounds: Annotated[int, typer.Option(help="How often paragraphs are grouped anew.")] = 1,
    emphasis: Annotated[
        int,
        typer.Option(min=1, help="Times more often, for articles with adversarial questions."),
    ] = 4,
    seed: int = 7,
    as_json: Json = False,
) -> None:
    """Build an immutable dataset from files of questions and passages."""
    with _clear_errors():
        recipe = datasets.Recipe(rounds=rounds, emphasis=emphasis, seed=seed)
        _show(datasets.build(source, out, recipe, tuple(license_ or ())), as_json)


@app.command()
def train(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build`.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter; a killed run resumes from it.")],
    task: Annotated[str, typer.Option(help="What the adapter is for; begins its name.")] = "grounded-qa",
    parent: Annotated[
        Path | None, typer.Option("--from", help="Folder of an adapter to go on from, of the same rank.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1)] = Hyperparameters.steps,
    minutes: Annotated[float, typer.Option(help="End after this long, with the schedule run out.")] = float(
        "inf"
    ),
    rank: Annotated[int, typer.Option(min=1)] = Hyperparameters.rank,
    learning_rate: Annotated[float, typer.Option(min=0)] = Hyperparameters.learning_rate,
    seed: int = Hyperparameters.seed,
    as_json: Json = False,
) -> None:
    """Train a LoRA adapter on a dataset, with progress, checkpoints and a card."""
    import torch

    from finetune.card import describe
    from finetune.train_lora import Trainer
    from service.models import load_base

    with _clear_errors():
        settings, data = FinetuneSettings(), datasets.load(dataset)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        hyper = Hyperparameters(
            rank=rank, alpha=2 * rank, learning_rate=learning_rate, steps=steps, minutes=minutes, seed=seed
        )
        trainer = Trainer(load_base(settings.model, settings.cache), hyper, out, parent)
        history = _watched(trainer, data.readings)
        trainer.save(out)
        _show(describe(out, task, settings.model, data.manifest, hyper, history, parent), as_json)


@app.command()
def blend(
    parent: Annotated[Path, typer.Argument(help="Folder of the adapter that the other went on from.")],
    child: Annotated[Path, typer.Argument(help="Folder of the adapter that went on from it.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="How far to go to the second one.")] = 0.5,
    as_json: Json = False,
) -> None:
    """Make an adapter between two of one line; calibrate it afterwards."""
    from finetune import blend as blending

    with _clear_errors():
        _show(blending.blend(parent, child, share, out), as_json)


@app.command()
def card(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter.")],
    figures: Annotated[Path, typer.Option(help="metrics.json of `python -m eval adapter --out`.")],
    command: Annotated[str, typer.Option(help="The command that reproduces them.")] = "make quality",
    as_json: Json = False,
) -> None:
    """Put measured figures into an adapter's card."""
    from finetune.card import add_figures

    with _clear_errors():
        _show(add_figures(adapter, json.loads(figures.read_text()), command), as_json)


@app.command()
def calibrate(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter.")],
    questions: Annotated[Path, typer.Option(help="SQuAD v2 file, never trained on.")],
    wrongly: Annotated[float, typer.Option(help="Share of answerable questions that may be refused.")] = 0.08,
    count: Annotated[
        int, typer.Option(help="Questions to choose on; those of `make quality` are left out.")
    ] = 300,
    readings: Annotated[
        int, typer.Option(min=ONCE, max=TWICE, help="Times that passages are read for an answer.")
    ] = TWICE,
    as_json: Json = False,
) -> None:
    """Set how readily an adapter refuses, and how often it reads."""
    from finetune.calibrate import calibrated, leanings, refused
    from service.models import load_adapted

    with _clear_errors():
        measured = {row.id for row in read_rows(questions, EvalSettings().questions, 0)}
        rows = [row for row in read_rows(questions, 3 * count, 0, seed=8) if row.id not in measured][:count]
        settings = FinetuneSettings()
        base = load_adapted(settings.model, settings.cache, adapter)
        likeness = Likeness(SentenceEmbedder(IngestSettings().embedder))
        with Progress(console=console) as progress:
            task = progress.add_task("asking", total=len(rows))
            found = leanings(base, rows, likeness, lambda n: progress.update(task, completed=n))
        manner = calibrated(found, wrongly, readings, likeness.name)
        keep(adapter, manner)
        before = refused(found, Calibration(readings))
        _show({"kept": asdict(manner), "refused_before": before, "refused": refused(found, manner)}, as_json)


@app.command()
def rail(
    name: Annotated[Rail, typer.Argument(help="Which rail's model to train.")],
    data: Annotated[Path, typer.Option(help="Folder of public data: guard/, qa/, corpus/, multiturn/.")],
    out: Annotated[Path, typer.Option(help="The new model: .safetensors (encoder) or .json (grounding).")],
) -> None:
    """Train a rail's model as the shipped one was, and write its figures beside it."""
    from finetune.encoder.make import make_encoder
    from finetune.train_grounding import Sources, train_grounding

    with _clear_errors():
        if name is Rail.ENCODER:
            make_encoder(data, Path(packaged_folder()), out, console.print)
        else:
            questions = Sources(
                data / "guard" / "grounding",
                data / "qa" / "train.jsonl.gz",
                data / "qa" / "dev.json",
                unseen_texts(data),
            )
            train_grounding(questions, out, say=console.print)


def _watched(trainer: "Trainer", readings: list[Any]) -> list["Step"]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=1.0)

        def report(step: "Step") -> None:
            text = f"step {step.step}  loss {step.loss:.3f}  {step.tokens_per_second:.0f} tokens/s"
            progress.update(task, completed=step.done, description=text)
            if step.validation_loss is not None:
                progress.console.print(f"{text}  validation {step.validation_loss:.3f}")

        return trainer.train(readings, report)


if __name__ == "__main__":
    app()
