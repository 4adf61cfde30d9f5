"""Does a passage hold an answer to a question? A small model that reads both together.

A language model reads a passage before it knows the question, and answers what a passage only seems to say.
This one reads the question first, and points at the answer's ends; where it finds none, it doubts. Knows
nothing of answers that were given, nor of who asks. See models/answerability.md.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from guardrails import weights
from guardrails.classifier import PAD, precision
from guardrails.errors import ModelError
from guardrails.sentences import Span
from guardrails.tokens import Pair, Tokens
from guardrails.transformer import Shape, SpanReader

DEFAULT_WEIGHTS = Path(__file__).parent / "models" / "answerability.safetensors"
LONGEST = 30
"""Tokens of an answer, at most."""
NOTHING = 40.0
"""The lack where there is nothing to read: more than any that was measured."""
_TOGETHER = 8  # rows that are read at once

Logits = NDArray[np.float32]


class Found(NamedTuple):
    """The likeliest answer's characters in a text, and by how much it is likelier that there is none."""

    lack: float
    span: Span


class Answerability:
    """The model with its tokenizer. Blocking; safe to call from several threads."""

    def __init__(self, network: SpanReader, tokens: Tokens, name: str) -> None:
        """`name` changes with the weights: what was measured by another says nothing of this one."""
        self.name = name
        self._network = network.to(precision()).eval()
        self._tokens = tokens
        self._turn = Lock()  # two that read at a time take each other's cores

    @classmethod
    def load(cls, file: Path = DEFAULT_WEIGHTS) -> Self:
        """Read the shipped model.

        Raises:
            ModelError: a file is missing or damaged, or of another network.
        """
        state = weights.unpack(weights.read(file))
        try:
            network = SpanReader(Shape.of(state))
            network.load_state_dict(state)
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"{file}: weights of another network. Restore it, or train it: make answerability."
            ) from error
        return cls(
            network, Tokens.load(), f"{file.stem}-{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
        )

    @classmethod
    @cache
    def shipped(cls) -> Self:
        """The shipped model, once in a process. Raises as `load`."""
        return cls.load()

    def found(self, asked: Sequence[tuple[str, str]]) -> list[Found]:
        """What is found for each question in its text. Of a long text the best window counts."""
        windows = [self._tokens.pairs(*each) for each in asked]
        with self._turn:
            rows = self._read([pair for pairs in windows for pair in pairs])
        ends = np.cumsum([len(pairs) for pairs in windows])
        return [
            min(rows[end - len(pairs) : end], key=lambda each: each.lack)
            for pairs, end in zip(windows, ends, strict=True)
        ]

    def _read(self, pairs: Sequence[Pair]) -> list[Found]:
        found = [Found(0.0, (0, 0))] * len(pairs)
        order = sorted(range(len(pairs)), key=lambda place: len(pairs[place].tokens))
        for width, alike in groupby(order, key=lambda place: -(-len(pairs[place].tokens) // PAD) * PAD):
            places = list(alike)
            for start in range(0, len(places), _TOGETHER):
                some = places[start : start + _TOGETHER]
                logits = self._pass([pairs[place].tokens for place in some], width)
                for place, row in zip(some, logits, strict=True):
                    found[place] = _best(pairs[place], row)
        return found

    def _pass(self, rows: Sequence[Sequence[int]], width: int) -> Logits:
        padded = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        with torch.inference_mode():
            return np.asarray(self._network(padded).float().numpy())


def _best(pair: Pair, logits: Logits) -> Found:
    """Of the logits (length, 2) of a row, the likeliest pair of ends of at most `LONGEST` tokens."""
    if not pair.spans:
        return Found(NOTHING, (0, 0))
    inside = logits[pair.start : pair.start + len(pair.spans)]
    both = inside[:, :1] + inside[None, :, 1]
    far = np.arange(len(inside))[None] - np.arange(len(inside))[:, None]
    both[(far < 0) | (far >= LONGEST)] = -np.inf
    first, last = divmod(int(both.argmax()), len(inside))
    lack = float(logits[0].sum() - both[first, last])
    return Found(lack, (pair.spans[first][0], pair.spans[last][1]))


def save(network: SpanReader, file: Path, facts: dict[str, str]) -> None:
    """Write the file that `Answerability.load` reads, with `facts` in its header."""
    weights.save(network.state_dict(), file, facts)
