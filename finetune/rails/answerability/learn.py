"""The training loop: rows of like length in a batch; at which token does the answer begin, at which end."""

import math
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from finetune.rails.answerability.rows import Row
from finetune.rails.encoder.learn import PAD, Say, share
from finetune.training.checkpoint import Checkpoint
from guardrails.tokens import Pair, Tokens
from guardrails.transformer import SpanReader

TOLD, KEPT = 50, 200  # steps


class Recipe(NamedTuple):
    """Hyperparameters. A step reads at most so many `tokens`, padding with them."""

    epochs: float = 1.9
    rate: float = 2.5e-4
    warmup: float = 0.06
    decay: float = 0.01
    clip: float = 1.0
    tokens: int = 6144
    layers: int = 6
    seed: int = 7


class Marked(NamedTuple):
    """A row as numbers: the tokens of its ends, both 0 where there is no answer."""

    pair: Pair
    first: int
    last: int


def marked(rows: Sequence[Row], tokens: Tokens) -> list[Marked]:
    """The rows as numbers: of a long text, the first window that holds the answer, if any must."""
    found = (_marked(row, tokens) for row in rows)
    return [each for each in found if each]


def train(
    network: SpanReader, rows: Sequence[Marked], recipe: Recipe, checkpoint: Checkpoint, say: Say
) -> list[dict[str, float]]:
    """Train `network`, its embeddings apart, going on from the checkpoint; returns what was told of it.

    Raises:
        OtherRun: the checkpoint is of another run.
    """
    for part in (network.words, network.places):
        part.requires_grad_(False)
    learnt = [each for each in network.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(learnt, recipe.rate, (0.9, 0.98), weight_decay=recipe.decay, fused=True)
    step, told, before = _resumed(checkpoint, network, optimizer)
    todo = list(batches(rows, recipe))
    began, losses, read = time.monotonic(), list[float](), 0
    network.train()
    for number, batch in enumerate(todo[step:], start=step + 1):
        torch.manual_seed(recipe.seed + number)  # dropout, as it would be without a kill in between
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * share(number / len(todo), recipe.warmup)
        losses.append(_step(network, optimizer, batch, recipe.clip))
        read += _width(batch) * len(batch)
        if number % TOLD == 0 or number == len(todo):
            seconds = time.monotonic() - began
            told.append({"step": number, "loss": sum(losses) / len(losses), "seconds": before + seconds})
            say(f"step {number} of {len(todo)}: loss {told[-1]['loss']:.3f}; {read / seconds:.0f} tokens/s")
            losses = []
        if number % KEPT == 0 or number == len(todo):
            checkpoint.save(_state(network, optimizer, number, told))
    network.eval()
    return told


def batches(rows: Sequence[Marked], recipe: Recipe) -> Iterator[list[Marked]]:
    """Every step's rows, in an order that the seed decides and that changes with every epoch."""
    steps, made = math.inf, 0
    epoch = 0
    while made < steps:
        groups = _grouped(rows, recipe.tokens, Random(recipe.seed + epoch))  # noqa: S311  # an order, no secret
        steps = round(recipe.epochs * len(groups)) if epoch == 0 else steps
        yield from groups[: int(steps - made)]
        made, epoch = made + len(groups), epoch + 1


def _marked(row: Row, tokens: Tokens) -> Marked | None:
    pairs = tokens.pairs(row.question, row.text)
    if row.span is None:
        return Marked(pairs[0], 0, 0)
    start, end = row.span
    for pair in pairs:
        inside = [n for n, (low, high) in enumerate(pair.spans) if high > start and low < end]
        if inside and pair.spans[inside[0]][0] <= start and pair.spans[inside[-1]][1] >= end:
            return Marked(pair, pair.start + inside[0], pair.start + inside[-1])
    return None


def _grouped(rows: Sequence[Marked], most: int, dice: Random) -> list[list[Marked]]:
    order = dice.sample(list(rows), len(rows))
    order.sort(key=lambda row: _padded(len(row.pair.tokens)))
    groups: list[list[Marked]] = [[]]
    for row in order:
        if groups[-1] and (len(groups[-1]) + 1) * _padded(len(row.pair.tokens)) > most:
            groups.append([])
        groups[-1].append(row)
    dice.shuffle(groups)
    return groups


def _step(
    network: SpanReader, optimizer: torch.optim.Optimizer, batch: Sequence[Marked], clip: float
) -> float:
    """One step; the mean loss of both ends."""
    width = _width(batch)
    tokens = torch.tensor([[*row.pair.tokens, *[0] * (width - len(row.pair.tokens))] for row in batch])
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(tokens)
    logits = logits.float().masked_fill(~_may(batch, width).unsqueeze(2), -1e4)
    first, last = (torch.tensor(ends) for ends in zip(*((row.first, row.last) for row in batch), strict=True))
    loss = (
        functional.cross_entropy(logits[..., 0], first) + functional.cross_entropy(logits[..., 1], last)
    ) / 2
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
    optimizer.step()
    return loss.item()


def _may(batch: Sequence[Marked], width: int) -> Tensor:
    """Where ends may be, (rows, width): at the first token, and in the text."""
    places = torch.arange(width)
    starts = torch.tensor([[row.pair.start] for row in batch])
    stops = torch.tensor([[row.pair.start + len(row.pair.spans)] for row in batch])
    return (places == 0) | ((places >= starts) & (places < stops))


def _width(batch: Sequence[Marked]) -> int:
    return max(_padded(len(row.pair.tokens)) for row in batch)


def _padded(length: int) -> int:
    """Lengths are multiples of it: every new shape costs compiled kernels and memory."""
    return -(-length // PAD) * PAD


def _state(
    network: SpanReader, optimizer: torch.optim.Optimizer, step: int, told: list[dict[str, float]]
) -> dict[str, Any]:
    return {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "told": told}


def _resumed(
    checkpoint: Checkpoint, network: SpanReader, optimizer: torch.optim.Optimizer
) -> tuple[int, list[dict[str, float]], float]:
    """The step that was reached, what was told until then, and in how many seconds."""
    state = checkpoint.load()
    if state is None:
        return 0, [], 0.0
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    told = list(state["told"])
    return int(state["step"]), told, float(told[-1]["seconds"]) if told else 0.0
