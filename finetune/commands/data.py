"""`python -m finetune build`: datasets."""

from pathlib import Path
from typing import Annotated

import typer

from finetune import dataset as datasets
from finetune.commands.terminal import Json, clear_errors, show
from finetune.recipe import Recipe


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(build)


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
    with clear_errors():
        recipe = Recipe(rounds=rounds, emphasis=emphasis, seed=seed)
        show(datasets.build(source, out, recipe, tuple(license_ or ())), as_json)
