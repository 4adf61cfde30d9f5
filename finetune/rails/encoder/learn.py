"""The training loop: rows in batches of like length, one loss a head, where the row says something of it."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from finetune.rails.encoder.row import Row
from guardrails.tokens import Tokens
from guardrails.transformer import Transformer

PAD = 32  # lengths are multiples of it: every new shape costs compiled kernels and memory
_TOLD, _KEPT = 50, 200  # steps
_LAST = 0.02  # of the rate, at the end
Say = Callable[[str], None]


class Recipe(NamedTuple):
    """Hyperparameters. `tokens` and `rows` are the most that a step reads."""

    epochs: int = 3
    rate: float = 2.5e-4
    warmup: float = 0.05
    decay: float = 0.01
    smoothing: float = 0.02
    tokens: int = 6144
    rows: int = 128
    seed: int = 7


class Batch(NamedTuple):
    """Token numbers (rows, length), labels and their weights (rows, heads); no label is a weight of 0."""

    tokens: Tensor
    labels: Tensor
    weights: Tensor


def batches(rows: Sequence[Row], tokens: Tokens, recipe: Recipe, seed: int) -> Iterator[Batch]:
    """Yield `rows` in batches of like length, in an order that `seed` decides."""
    dice = Random(seed)  # noqa: S311 an order, not a secret
    coded = [
        (found[0].tokens, row) for row in rows if (found := tokens.windows(row.text)) and _whole(row, found)
    ]
    dice.shuffle(coded)
    coded.sort(key=lambda each: math.ceil(len(each[0]) / PAD))
    groups: list[list[tuple[tuple[int, ...], Row]]] = [[]]
    for each in coded:
        width = math.ceil(len(each[0]) / PAD) * PAD
        if groups[-1] and (len(groups[-1]) >= recipe.rows or (len(groups[-1]) + 1) * width > recipe.tokens):
            groups.append([])
        groups[-1].append(each)
    dice.shuffle(groups)
    yield from (_batch(group) for group in groups if group)


def _whole(row: Row, found: Sequence[object]) -> bool:
    """A planted attack may stand behind the first window: such a row would teach that none is one."""
    return row.kind != "planted" or len(found) == 1


def _batch(group: Sequence[tuple[tuple[int, ...], Row]]) -> Batch:
    width = math.ceil(max(len(numbers) for numbers, _ in group) / PAD) * PAD
    padded = torch.tensor([[*numbers, *[0] * (width - len(numbers))] for numbers, _ in group])
    labels = torch.tensor([[-1.0 if each is None else each for each in row.labels] for _, row in group])
    weights = (labels >= 0).float() * torch.tensor([[row.weight] for _, row in group])
    return Batch(padded, labels.clamp(min=0), weights)


def train(
    network: Transformer,
    epochs: Sequence[Callable[[], Sequence[Row]]],
    tokens: Tokens,
    recipe: Recipe,
    say: Say,
    keep: Callable[[Transformer], None],
) -> None:
    """Train `network` on one epoch after the other, its embeddings apart; `keep` is called at times."""
    for part in (network.words, network.places):
        part.requires_grad_(False)
    optimizer = torch.optim.AdamW(
        [each for each in network.parameters() if each.requires_grad],
        recipe.rate,
        (0.9, 0.98),
        weight_decay=recipe.decay,
    )
    schedule = None
    network.train()
    for number, epoch in enumerate(epochs):
        todo = list(batches(epoch(), tokens, recipe, recipe.seed + number))
        schedule = schedule or _schedule(optimizer, len(todo) * len(epochs), recipe.warmup)
        seen = _Seen()
        for place, batch in enumerate(todo, 1):
            seen.add(step(network, optimizer, batch, recipe), batch.tokens.numel())
            schedule.step()
            if place % _TOLD == 0:
                say(f"epoch {number + 1} of {len(epochs)}, step {place} of {len(todo)}: {seen}")
                seen = _Seen()
            if place % _KEPT == 0:
                keep(network)
        keep(network)
    network.eval()


class _Seen:
    """What the last steps did."""

    def __init__(self) -> None:
        self._began, self._read, self._losses = time.monotonic(), 0, list[Tensor]()

    def add(self, losses: Tensor, read: int) -> None:
        self._losses.append(losses)
        self._read += read

    def __str__(self) -> str:
        mean = ", ".join(f"{float(each):.3f}" for each in torch.stack(self._losses).mean(0))
        return f"losses {mean}; {self._read / (time.monotonic() - self._began):.0f} tokens/s"


def _schedule(
    optimizer: torch.optim.Optimizer, steps: int, warmup: float
) -> torch.optim.lr_scheduler.LambdaLR:
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: share(step / steps, warmup))


def step(network: Transformer, optimizer: torch.optim.Optimizer, batch: Batch, recipe: Recipe) -> Tensor:
    """Take one step, and return the loss of each head, shape (heads,)."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(batch.tokens)
    targets = batch.labels * (1 - 2 * recipe.smoothing) + recipe.smoothing
    each = functional.binary_cross_entropy_with_logits(
        logits.float(), targets, batch.weights, reduction="none"
    )
    losses = each.sum(0) / batch.weights.sum(0).clamp(min=1)
    optimizer.zero_grad()
    torch.autograd.backward(losses.sum())
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return losses.detach()


def share(done: float, warmup: float) -> float:
    """The share of the rate when so much is `done`: up from nothing, then down along a cosine."""
    if done < warmup:
        return done / warmup
    return _LAST + (1 - _LAST) / 2 * (1 + math.cos(math.pi * min((done - warmup) / (1 - warmup), 1.0)))
