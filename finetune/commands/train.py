"""`python -m finetune train|prefer|blend`: adapters."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from finetune.commands import options
from finetune.commands.terminal import Json, clear_errors, console, hooked, show
from finetune.settings import FinetuneSettings
from finetune.training.hyperparameters import Hyperparameters, Preferences

if TYPE_CHECKING:
    from finetune.training.progress import Progress as Step
    from finetune.training.progress import Report


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(train)
    app.command()(prefer)
    app.command()(blend)


def train(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build`.")],
    out: Annotated[
        Path, typer.Option(help="Folder of the new adapter; a killed run resumes when asked again.")
    ],
    task: Annotated[str, typer.Option(help="What the adapter is for; begins its name.")] = "grounded-qa",
    parent: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of an adapter to go on from, of the same method and rank."),
    ] = None,
    method: options.Way = options.Method.LORA,
    steps: options.Steps = Hyperparameters.steps,
    minutes: options.Minutes = None,
    patience: options.Patience = Hyperparameters.patience,
    save_every: options.SaveEvery = Hyperparameters.save_every,
    rank: options.Rank = Hyperparameters.rank,
    learning_rate: options.Rate = Hyperparameters.learning_rate,
    dropout: options.Dropout = Hyperparameters.dropout,
    weight_decay: options.Decay = Hyperparameters.weight_decay,
    questions_per_step: options.PerStep = Hyperparameters.questions_per_step,
    questions_at_once: options.AtOnce = Hyperparameters.questions_at_once,
    checkpointing: options.Checkpointing = Hyperparameters.checkpointing,
    shard: options.Shard = False,
    seed: int = Hyperparameters.seed,
    as_json: Json = False,
) -> None:
    """Train an adapter, or a whole model, on a dataset: with progress, checkpoints, a curve and a card."""
    from finetune.training.train import Order
    from finetune.training.train import train as trained

    shape = options.shape(method, rank, learning_rate, dropout, weight_decay, seed)
    hyper = replace(
        shape,
        steps=steps,
        minutes=minutes,
        patience=patience,
        save_every=save_every,
        questions_per_step=questions_per_step,
        questions_at_once=questions_at_once,
        checkpointing=checkpointing,
    )
    with clear_errors(), hooked() as hooks:
        settings = prepared()
        place = Order(dataset, out, settings.model, settings.cache)
        order = replace(place, task=task, parent=parent, hyper=hyper, shard=shard)
        with watched() as report:
            card = trained(order, hooks, report)
        if card:  # of several processes the first has it
            show(card, as_json)


def prefer(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build` from feedback.")],
    parent: Annotated[Path, typer.Option("--from", help="Folder of the adapter to go on from.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    task: Annotated[str, typer.Option(help="What the adapter is for; begins its name.")] = "grounded-qa",
    beta: Annotated[
        float, typer.Option(min=0, help="How dear it is to leave what --from would say.")
    ] = Preferences.beta,
    learning_rate: Annotated[float, typer.Option(min=0)] = Preferences.learning_rate,
    epochs: Annotated[float, typer.Option(min=0, help="Times that each pair is seen.")] = Preferences.epochs,
    seed: int = Preferences.seed,
    as_json: Json = False,
) -> None:
    """Teach an adapter what users prefer: corrected answers over those that they marked as wrong (DPO)."""
    from finetune.training.prefer import Wish
    from finetune.training.prefer import prefer as preferred

    hyper = Preferences(beta=beta, learning_rate=learning_rate, epochs=epochs, seed=seed)
    with clear_errors(), hooked() as hooks:
        settings = prepared()
        wish = Wish(dataset, parent, out, settings.model, settings.cache, task, hyper)
        with watched() as report:
            card = preferred(wish, hooks, report)
        show(card, as_json)


def blend(
    parent: Annotated[Path, typer.Argument(help="Folder of the adapter that the other went on from.")],
    child: Annotated[Path, typer.Argument(help="Folder of the adapter that went on from it.")],
    out: Annotated[Path, typer.Option(help="Folder of the new adapter.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="How far to go to the second one.")] = 0.5,
    as_json: Json = False,
) -> None:
    """Make an adapter between two of one line; calibrate it afterwards."""
    from finetune.training import blend as blending

    with clear_errors():
        show(blending.blend(parent, child, share, out), as_json)


def prepared() -> FinetuneSettings:
    """The settings, with as many threads as they say."""
    import torch

    settings = FinetuneSettings()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    return settings


@contextmanager
def watched() -> Iterator["Report"]:
    """A bar on the terminal that follows a run, and a line of it for each checkpoint."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=1.0)

        def report(step: "Step") -> None:
            progress.update(task, completed=step.done, description=str(step))
            if step.saved:
                progress.console.print(str(step))

        yield report
