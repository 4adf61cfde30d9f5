"""What shapes a training run. Apart from the trainer, which takes seconds to import."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Hyperparameters:
    """What shapes a run. `minutes` ends a run early on a slow machine, with the schedule run out."""

    rank: int = 32
    alpha: int = 64
    learning_rate: float = 6e-4
    warmup: float = 0.04
    steps: int = 500
    minutes: float = math.inf
    questions_per_step: int = 32
    clip: float = 1.0
    decision: float = 3.0  # weight of a reply's first token, which decides between answer and refusal
    validation: int = 12  # readings held out to watch the loss
    save_every: int = 50
    seed: int = 7
