"""`python -m finetune rail`: the models of rails."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from pathlib import Path
from typing import Annotated

import typer

from eval.grounding_texts import unseen_texts
from finetune.commands.rail_models import Rail
from finetune.commands.terminal import clear_errors, console
from finetune.place import claimed
from ingest.embed import packaged_folder


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(rail)


def rail(
    name: Annotated[Rail, typer.Argument(help="Which rail's model to train.")],
    out: Annotated[Path, typer.Option(help="The new model: .safetensors, or .json (grounding).")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of public data: guard/, qa/, corpus/, multiturn/.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="Answerability: a built dataset, instead of --data.")
    ] = None,
) -> None:
    """Train a rail's model as the shipped one was, and write its figures and its card beside it."""
    with clear_errors(), claimed(out):
        if name is Rail.ANSWERABILITY:
            _answerability(_given(dataset, "--dataset"), out)
        elif name is Rail.ENCODER:
            _encoder(_given(data, "--data"), out)
        else:
            _grounding(_given(data, "--data"), out)


def _given(folder: Path | None, option: str) -> Path:
    if folder is None:
        raise typer.BadParameter(f"{option}: name the folder that this rail's model learns from")
    return folder


def _answerability(dataset: Path, out: Path) -> None:
    from finetune.rails.answerability.make import make_answerability

    make_answerability(dataset, Path(packaged_folder()), out, console.print)


def _encoder(data: Path, out: Path) -> None:
    from finetune.rails.encoder.learn import Recipe
    from finetune.rails.encoder.make import make_encoder
    from finetune.rails.rail_card import write_rail_card

    make_encoder(data, Path(packaged_folder()), out, console.print)
    write_rail_card("encoder", out, data, Recipe()._asdict())


def _grounding(data: Path, out: Path) -> None:
    from finetune.rails.rail_card import write_rail_card
    from finetune.rails.train_grounding import EMPHASIS, PARAGRAPHS, Sources, train_grounding

    questions = Sources(
        data / "guard" / "grounding",
        data / "qa" / "train.jsonl.gz",
        data / "qa" / "dev.json",
        unseen_texts(data),
    )
    train_grounding(questions, out, say=console.print)
    write_rail_card("grounding", out, data, {"paragraphs": PARAGRAPHS, "emphasis": EMPHASIS})
