"""`python -m finetune datasets list|show|diff`: what was built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from finetune.commands.manifest import SHORT, show_manifest, table
from finetune.commands.terminal import Json, clear_errors, show
from finetune.datasets.difference import difference
from finetune.datasets.listing import listing
from finetune.datasets.manifest import read_manifest

datasets = typer.Typer(no_args_is_help=True, help="The datasets that were built.")


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(datasets, name="datasets")


@datasets.command(name="list")
def list_(
    folder: Annotated[Path, typer.Argument(help="The folder that they are in.")] = Path("out"),
    as_json: Json = False,
) -> None:
    """List the datasets of a folder, the last built first."""
    with clear_errors():
        found = listing(folder)
        if as_json:
            show({"datasets": found}, as_json)
            return
        shown = table("dataset", "hash", "built", "sources", "readings", "questions", "pairs")
        for each in found:
            counts = (str(each[name]) for name in ("readings", "questions", "pairs"))
            sources = escape(", ".join(each["sources"]))
            shown.add_row(escape(each["path"]), each["hash"][:SHORT], each["built_at"][:10], sources, *counts)
        Console().print(shown)


@datasets.command(name="show")
def show_(
    dataset: Annotated[Path, typer.Argument(help="Folder of a dataset.")], as_json: Json = False
) -> None:
    """Show what a dataset was made from, what was left out, and what is in it."""
    with clear_errors():
        show_manifest(read_manifest(dataset), as_json)


@datasets.command()
def diff(
    one: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    other: Annotated[Path, typer.Argument(help="Folder of another.")],
    examples: Annotated[int, typer.Option(min=0, help="How many examples of each kind to show.")] = 5,
    as_json: Json = False,
) -> None:
    """Compare two datasets: sources, recipe, and which examples are new, gone or answered otherwise."""
    with clear_errors():
        found = difference(one, other, examples)
        if as_json:
            show(found, as_json)
        else:
            _print(found)


def _print(found: Mapping[str, Any]) -> None:
    out = Console(highlight=False)
    onward = " (goes on from it)" if found["goes_on_from_one"] else ""
    out.print(f"{found['one'][:SHORT]} → {found['other'][:SHORT]}{onward}")
    for what in ("sources", "held_out"):
        for change, names in found[what].items():
            for name in names:
                out.print(f"{what.replace('_', ' ')} {change}: {escape(name)}")
    for what in ("recipe", "questions"):
        for name, (before, after) in found[what].items():
            out.print(f"{what}: {name} {before} → {after}")
    for what in ("added", "removed", "changed"):
        out.print(f"[bold]{found[what]['count']} examples {what}[/]")
        for example in found[what]["examples"]:
            told = "no answer" if example["answer"] is None else example["answer"]
            out.print(f"  {escape(example['question'])}  [dim]{escape(told)}, {escape(example['source'])}[/]")
    out.print(f"{found['moved_to_another_side']} on another side")
