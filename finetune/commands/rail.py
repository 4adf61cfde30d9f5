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
    data: Annotated[Path, typer.Option(help="Folder of public data: guard/, qa/, corpus/, multiturn/.")],
    out: Annotated[Path, typer.Option(help="The new model: .safetensors (encoder) or .json (grounding).")],
) -> None:
    """Train a rail's model as the shipped one was, and write its figures and its card beside it."""
    from finetune.rails.encoder.learn import Recipe
    from finetune.rails.encoder.make import make_encoder
    from finetune.rails.rail_card import write_rail_card
    from finetune.rails.train_grounding import EMPHASIS, PARAGRAPHS, Sources, train_grounding

    with clear_errors(), claimed(out):
        if name is Rail.ENCODER:
            make_encoder(data, Path(packaged_folder()), out, console.print)
            write_rail_card("encoder", out, data, Recipe()._asdict())
        else:
            questions = Sources(
                data / "guard" / "grounding",
                data / "qa" / "train.jsonl.gz",
                data / "qa" / "dev.json",
                unseen_texts(data),
            )
            train_grounding(questions, out, say=console.print)
            write_rail_card("grounding", out, data, {"paragraphs": PARAGRAPHS, "emphasis": EMPHASIS})
