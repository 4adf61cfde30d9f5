"""What shapes the training of a model of search. Apart from the trainers, which take seconds to import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """`rows` are read in a step, each of `tokens` at most; a checkpoint is kept every `keep` steps."""

    learning_rate: float = 2e-5
    epochs: float = 1.0
    rows: int = 32
    tokens: int = 128
    warmup: float = 0.1
    keep: int = 100
    seed: int = 7
