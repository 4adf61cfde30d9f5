"""`python -m finetune train|blend`: adapters."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from finetune import dataset as datasets
from finetune.commands.terminal import Json, clear_errors, console, show
from finetune.hyperparameters import Hyperparameters
from finetune.settings import FinetuneSettings

if TYPE_CHECKING:
    from finetune.train_lora import Progress as Step
    from finetune.train_lora import Trainer


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(train)
    app.command()(blend)


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

    from finetune.adapter_card import describe
    from finetune.train_lora import Trainer
    from service.models import load_base

    with clear_errors():
        settings, data = FinetuneSettings(), datasets.load(dataset)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        hyper = Hyperparameters(
            rank=rank, alpha=2 * rank, learning_rate=learning_rate, steps=steps, minutes=minutes, seed=seed
        )
        trainer = Trainer(load_base(settings.model, settings.cache), hyper, out, parent)
        history = _watched(trainer, data.readings)
        trainer.save(out)
        show(describe(out, task, settings.model, data.manifest, hyper, history, parent), as_json)


def blend(
    parent: Annotated[Path, typer.Argument(help="Folder of the adapter that the other went on from.")],
    child: Annotated[Path, typer.Argument(help="Folder of the adapter that went on from it.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="How far to go to the second one.")] = 0.5,
    as_json: Json = False,
) -> None:
    """Make an adapter between two of one line; calibrate it afterwards."""
    from finetune import blend as blending

    with clear_errors():
        show(blending.blend(parent, child, share, out), as_json)


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
