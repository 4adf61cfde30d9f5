"""Options that commands of training share."""

from enum import StrEnum
from typing import Annotated

import typer

from finetune.training.hyperparameters import Hyperparameters


class Method(StrEnum):
    """What is trained."""

    LORA = "lora"
    DORA = "dora"
    QLORA = "qlora"
    FULL = "full"


Way = Annotated[Method, typer.Option(help="full writes a whole model; qlora needs a GPU and bitsandbytes.")]
Steps = Annotated[int, typer.Option(min=1)]
Minutes = Annotated[float | None, typer.Option(min=0, help="End after this long, with the schedule run out.")]
Patience = Annotated[
    int, typer.Option(min=0, help="End when the validation loss has not fallen so many times; 0: do not.")
]
SaveEvery = Annotated[
    int, typer.Option(min=1, help="Steps between checkpoints, where the validation loss is taken.")
]
Rank = Annotated[int, typer.Option(min=1, help="Of an adapter's matrices; its alpha is twice that.")]
Rate = Annotated[float, typer.Option(min=0, help="After the warm-up.")]
Dropout = Annotated[float, typer.Option(min=0, max=0.9, help="Of an adapter's inputs.")]
Decay = Annotated[float, typer.Option(min=0)]
PerStep = Annotated[int, typer.Option(min=1, help="Gradients accumulate over so many questions.")]
AtOnce = Annotated[int, typer.Option(min=1, help="Questions of one pass, at most: fewer take less memory.")]
Checkpointing = Annotated[
    bool, typer.Option(help="Compute activations twice instead of keeping them: less memory, slower.")
]
Shard = Annotated[
    bool, typer.Option(help="Divide the model over the processes of `accelerate launch` (FSDP).")
]


def shape(  # as many as are asked for
    method: Method, rank: int, learning_rate: float, dropout: float, weight_decay: float, seed: int
) -> Hyperparameters:
    """What is trained, and how hard."""
    return Hyperparameters(
        method=method.value,
        rank=rank,
        alpha=2 * rank,
        learning_rate=learning_rate,
        dropout=dropout,
        weight_decay=weight_decay,
        seed=seed,
    )
