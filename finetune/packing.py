"""A reading → one token sequence in which many questions share one computation of the passages.

    [ instructions and passages | question 1, reply 1 | question 2, reply 2 | ... ]

Every question sees the passages and itself, never another question, and its positions continue
where the passages end: the result equals that of as many separate sequences (a test holds this), at
a fraction of the cost. Only the replies bear loss.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from finetune.readings import Asked, Reading
from service.prompts import messages

# Few distinct lengths: every new one costs the CPU new kernels and buffers (see DECISIONS.md).
LENGTH_STEP, MOST_QUESTIONS = 128, 80
WIDTHS = (24, 32, 40, 48, 64, 96, 160)
_SEAM = "\u0001"  # stands for the question while the chat template is applied; never in a text


@dataclass(frozen=True, slots=True)
class Block:
    """`count` questions of about one length, each in `width` places."""

    count: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a packed sequence.

    First `prefix` places for the passages, of which `used` are filled, then the blocks of questions.
    """

    prefix: int
    used: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """One sequence of length L = prefix + the sum of count x width over the blocks.

    tokens (1, L) int64; positions (1, L) int64; targets (L,) int64: the next token where it bears
    loss, else -100.
    """

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    layout: Layout


def pack(reading: Reading, tokenizer: PreTrainedTokenizerBase) -> Iterator[Packed]:
    """Pack a reading, its questions ordered by length so that little is padding."""
    before, after = _prompt(reading, tokenizer)
    prefix: list[int] = tokenizer(before, add_special_tokens=False)["input_ids"]
    pieces = sorted((_question(asked, after, tokenizer) for asked in reading.asked), key=lambda p: len(p[0]))
    fitting = [piece for piece in pieces if len(piece[0]) <= WIDTHS[-1]]
    for start in range(0, len(fitting), MOST_QUESTIONS):
        yield _assemble(prefix, fitting[start : start + MOST_QUESTIONS])


def _prompt(reading: Reading, tokenizer: PreTrainedTokenizerBase) -> tuple[str, str]:
    """The prompt's text before and after the question, by the model's own chat template."""
    text = tokenizer.apply_chat_template(
        messages(_SEAM, reading.passages), tokenize=False, add_generation_prompt=True
    )
    before, after = str(text).split(f" {_SEAM}")
    return before, after


def _question(asked: Asked, after: str, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], int]:
    """Tokens of question and reply, and how many of them (at the end) are the reply's."""
    asking: list[int] = tokenizer(f" {asked.question}{after}", add_special_tokens=False)["input_ids"]
    reply: list[int] = tokenizer(asked.reply, add_special_tokens=False)["input_ids"]
    reply.append(int(tokenizer.eos_token_id))
    return asking + reply, len(reply)


def _assemble(prefix: list[int], pieces: Sequence[tuple[list[int], int]]) -> Packed:
    """Pieces ordered by length stand in blocks of their width; the passages' end is padded to a round L."""
    widths = [next(width for width in WIDTHS if width >= len(tokens)) for tokens, _ in pieces]
    blocks = tuple(Block(count, width) for width, count in Counter(widths).items())
    padded = _up(len(prefix) + sum(widths), LENGTH_STEP) - sum(widths)
    tokens, targets, positions = _padded(prefix, padded, 0), [-100] * padded, [*range(padded)]
    for (piece, reply), width in zip(pieces, widths, strict=True):
        tokens += _padded(piece, width, 0)
        first = len(piece) - reply - 1  # the place that predicts the reply's first token
        targets += _padded([-100] * first + piece[first + 1 :], width, -100)
        positions += range(len(prefix), len(prefix) + width)
    layout = Layout(padded, len(prefix), blocks)
    return Packed(torch.tensor([tokens]), torch.tensor([positions]), torch.tensor(targets), layout)


def _padded(items: list[int], length: int, filler: int) -> list[int]:
    return items + [filler] * (length - len(items))


def _up(number: int, step: int) -> int:
    return -(-number // step) * step
