"""What shapes a training run. Apart from the trainer, which takes seconds to import."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["lora", "dora", "qlora", "full"]


@dataclass(frozen=True)
class Hyperparameters:
    """What shapes a run. `minutes` ends a run early on a slow machine, with the schedule run out."""

    method: Method = "lora"
    rank: int = 32
    alpha: int = 64
    dropout: float = 0.0  # of an adapter's inputs
    weight_decay: float = 0.0
    learning_rate: float = 6e-4
    warmup: float = 0.04
    steps: int = 500
    minutes: float | None = None  # None: as long as its steps take
    questions_per_step: int = 32  # gradients accumulate over as many passes as these take
    questions_at_once: int = 80  # at most in one pass: fewer take less memory
    checkpointing: bool = False  # activations are computed twice instead of kept
    clip: float = 1.0
    decision: float = 3.0  # weight of a reply's first token, which decides between answer and refusal
    validation: int = 12  # readings of the held-out part whose loss is watched
    save_every: int = 50
    patience: int = 0  # times that the watched loss may fail to fall before the run ends; 0: ends never
    seed: int = 7


@dataclass(frozen=True)
class Preferences:
    """What shapes a run over preference pairs (DPO: Rafailov et al., 2023)."""

    beta: float = 0.1  # how dear it is to leave the adapter that one goes on from
    imitation: float = (
        0.2  # weight of the chosen reply's own loss, without which both replies lose likelihood
    )
    learning_rate: float = 1e-4  # so that what a few pairs teach is more than bfloat16 rounds away
    epochs: float = 3.0
    pairs_per_step: int = 8
    pairs_at_once: int = 2
    seed: int = 7
