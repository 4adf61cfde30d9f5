"""The command line: `python -m finetune build|train|card|rail`. Builds the real model."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from finetune import dataset as datasets
from finetune.card import add_figures, describe
from finetune.errors import FinetuneError
from finetune.settings import FinetuneSettings
from finetune.train_lora import Hyperparameters, Trainer
from finetune.train_lora import Progress as Step
from service.errors import ServiceError
from service.models import load_base

app = typer.Typer(
    no_args_is_help=True, help="From questions to an adapter.", pretty_exceptions_show_locals=False
)
console = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (FinetuneError, ServiceError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from error


def _show(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        json.dump(result, sys.stdout)
    else:
        Console().print_json(data=result)


@app.command()
def build(
    source: Annotated[list[Path], typer.Option("--from", help="SQuAD v2 JSON, or our JSON lines (.gz too).")],
    out: Annotated[Path, typer.Option(help="Folder of the new dataset.")],
    license_: Annotated[list[str] | None, typer.Option("--license", help="A source's licence.")] = None,
    rounds: Annotated[int, typer.Option(help="How often paragraphs are grouped anew.")] = 1,
    seed: int = 7,
    as_json: Json = False,
) -> None:
    """Build an immutable dataset from files of questions and passages."""
    with _clear_errors():
        recipe = datasets.Recipe(rounds=rounds, seed=seed)
        _show(datasets.build(source, out, recipe, tuple(license_ or ())), as_json)


@app.command()
def train(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build`.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter; a killed run resumes from it.")],
    task: Annotated[str, typer.Option(help="What the adapter is for; begins its name.")] = "grounded-qa",
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
    with _clear_errors():
        settings, data = FinetuneSettings(), datasets.load(dataset)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        hyper = Hyperparameters(
            rank=rank, alpha=2 * rank, learning_rate=learning_rate, steps=steps, minutes=minutes, seed=seed
        )
        trainer = Trainer(load_base(settings.model, settings.cache), hyper, out)
        history = _watched(trainer, data.readings)
        trainer.save(out)
        _show(describe(out, task, settings.model, data.manifest, hyper, history), as_json)


@app.command()
def card(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter.")],
    figures: Annotated[Path, typer.Option(help="metrics.json of `python -m eval adapter --out`.")],
    command: Annotated[str, typer.Option(help="The command that reproduces them.")] = "make quality",
    as_json: Json = False,
) -> None:
    """Put measured figures into an adapter's card."""
    with _clear_errors():
        _show(add_figures(adapter, json.loads(figures.read_text()), command), as_json)


def _watched(trainer: Trainer, readings: list[Any]) -> list[Step]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=1.0)

        def report(step: Step) -> None:
            text = f"step {step.step}  loss {step.loss:.3f}  {step.tokens_per_second:.0f} tokens/s"
            progress.update(task, completed=step.done, description=text)
            if step.validation_loss is not None:
                progress.console.print(f"{text}  validation {step.validation_loss:.3f}")
                progress.console.print_json(data=asdict(step)) if not console.is_terminal else None

        return trainer.train(readings, report)


if __name__ == "__main__":
    app()
