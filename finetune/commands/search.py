"""`python -m finetune search|sizes`: which hyperparameters, and how much data."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from eval.adapter import ask_all, figures
from eval.questions import read_rows
from eval.stats import Figure
from finetune.commands import options
from finetune.commands.terminal import Json, clear_errors, console, show
from finetune.commands.train import prepared, watched
from finetune.datasets.manifest import digest
from finetune.place import claimed
from finetune.settings import FinetuneSettings
from finetune.training.hyperparameters import Hyperparameters
from service.calibration import Calibration
from service.reading import Reader
from service.scrutiny import Scrutiny

if TYPE_CHECKING:
    from finetune.training.sizes import Figures, Measure
    from finetune.training.trial import Trial

PARTS = (0.05, 0.2, 1.0)
FOUND = "search.json"


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(search)
    app.command()(sizes)


def search(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build`.")],
    out: Annotated[Path, typer.Option(help="Folder of what is found; a killed search goes on from it.")],
    trials: Annotated[int, typer.Option(min=1, help="That are to be done in all.")] = 12,
    folds: Annotated[int, typer.Option(min=2, help="Each is held out once, by document.")] = 3,
    steps: Annotated[int, typer.Option(min=4, help="Of each fold's training.")] = 60,
    questions_per_step: options.PerStep = Hyperparameters.questions_per_step,
    seed: int = Hyperparameters.seed,
    as_json: Json = False,
) -> None:
    """Search learning rate, rank, dropout and weight decay by the loss on documents not learnt from."""
    from finetune.training import curve
    from finetune.training.tuning import Plan
    from finetune.training.tuning import search as searched

    hyper = Hyperparameters(steps=steps, questions_per_step=questions_per_step, seed=seed)
    with clear_errors(), claimed(out / FOUND):
        settings = prepared()
        plan = Plan(dataset, out, settings.model, settings.cache, trials, folds, hyper)
        found = searched(plan, lambda trial: console.print(_line(trial)))
        curve.draw_trials(found, out / "search.png")
        told = {"trials": [asdict(trial) for trial in found]}
        (out / FOUND).write_text(json.dumps(told, indent=2))
        if as_json:
            show(told, as_json)
        else:
            _table(found)


def sizes(  # noqa: PLR0913, PLR0917  # a command line's options
    dataset: Annotated[Path, typer.Option(help="Folder made by `finetune build`.")],
    questions: Annotated[Path, typer.Option(help="SQuAD v2 file to measure on, never trained on.")],
    out: Annotated[Path, typer.Option(help="Folder of adapters and figures; a killed run goes on from it.")],
    part: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="Share of the readings; several times.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Questions to measure on.")] = 200,
    steps: options.Steps = 200,
    minutes: options.Minutes = None,
    as_json: Json = False,
) -> None:
    """Train on growing parts of a dataset with one budget, and measure each: is more data worth it?"""
    from finetune.training import sizes as sized
    from finetune.training.train import Order

    with clear_errors(), claimed(out / sized.FOUND):
        settings = prepared()
        hyper = Hyperparameters(steps=steps, minutes=minutes)
        order = Order(dataset, out, settings.model, settings.cache, hyper=hyper)
        with watched() as report:
            found = sized.by_size(order, part or PARTS, _measure(settings, questions, count), report)
        if as_json:
            show(
                {str(size): {name: asdict(of) for name, of in row.items()} for size, row in found.items()},
                True,
            )
        else:
            _sizes(found)


def _measure(settings: FinetuneSettings, questions: Path, count: int) -> "Measure":
    """Asks a real engine for each adapter; uncalibrated, from all passages, beside random distractors."""
    from finetune.training.sizes import Measure
    from service.embedded import EmbeddedEngine
    from service.models import load_adapted

    rows = read_rows(questions, count, count // 3)
    scrutiny = Scrutiny()

    @contextmanager
    def reader(adapter: Path | None) -> Iterator[Reader]:
        engine = EmbeddedEngine(
            lambda _: load_adapted(settings.model, settings.cache, adapter), settings.threads
        )
        try:
            yield Reader(engine, "measured", Calibration(), scrutiny)
        finally:
            engine.close()

    def measure(adapter: Path | None) -> dict[str, Figure]:
        with reader(adapter) as opened:
            return figures(ask_all(opened, rows, lambda _: None))

    return Measure(measure, {"questions": digest(questions), "count": count})


def _line(trial: "Trial") -> str:
    chosen = "  ".join(f"{name} {value:.4g}" for name, value in trial.chosen.items())
    return f"trial {trial.number}: {_loss(trial)}  {chosen}"


def _loss(trial: "Trial") -> str:
    return trial.state if trial.loss is None else f"{trial.loss:.4f}"


def _sizes(found: Mapping[int, "Figures"]) -> None:
    table = Table("metric", *(f"{size} questions" for size in found), title="mean [95% interval] (rows)")
    for metric in found[0]:
        table.add_row(metric, *(str(row[metric]) for row in found.values()))
    Console().print(table)


def _table(found: list["Trial"]) -> None:
    names = list(found[0].chosen)
    table = Table("trial", "validation loss", *names)
    for trial in found:
        chosen = (f"{trial.chosen[name]:.4g}" if name in trial.chosen else "" for name in names)
        table.add_row(str(trial.number), _loss(trial), *chosen)
    Console().print(table)
