"""A reading → one token sequence in which many questions share one computation of the passages.

    [ instructions and passages | question 1, reply 1 | question 2, reply 2 | ... ]

Every question sees the passages and itself, never another question, and its positions continue
where the passages end: the result equals that of as many separate sequences (a test holds this), at
a fraction of the cost. Only the replies bear loss.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from finetune.datasets.readings import Asked, Reading
from finetune.errors import CannotTrain
from service.chat import Chat
from service.prompts import messages

# Few distinct lengths: every new one costs the CPU new kernels and buffers (see DECISIONS.md).
LENGTH_STEP, MOST_QUESTIONS = 128, 80
NO_LOSS = -100
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
    """What goes through the model in one pass: B sequences of length L.

    tokens (B, L) int64; targets (B, L) int64: the next token where it bears loss, else -100. With a
    layout B is 1, L = prefix + the sum of count x width over the blocks, and positions (1, L) int64
    are given; without one, the sequences are plain, and padded at their ends.
    """

    tokens: Tensor
    targets: Tensor
    positions: Tensor | None = None
    layout: Layout | None = None

    @property
    def bearing(self) -> Tensor:
        """Where loss is borne: (B, L) of truth values."""
        return self.targets >= 0

    @property
    def wanted(self) -> Tensor:
        """The replies' tokens (replies,)."""
        return self.targets[self.bearing]

    def on(self, device: torch.device) -> "Packed":
        """The same on a device."""
        positions = None if self.positions is None else self.positions.to(device)
        return Packed(self.tokens.to(device), self.targets.to(device), positions, self.layout)

    @property
    def inputs(self) -> dict[str, Any]:
        """What a causal model is called with."""
        given = {"input_ids": self.tokens, "position_ids": self.positions, "layout": self.layout}
        return {name: value for name, value in given.items() if value is not None}


def pack(
    reading: Reading, tokenizer: PreTrainedTokenizerBase, most: int = MOST_QUESTIONS
) -> Iterator[Packed]:
    """Pack a reading, at most `most` questions together, ordered by length so that little is padding.

    Raises:
        CannotTrain: the tokenizer has no chat template.
    """
    before, after = prompt(reading, tokenizer)
    prefix: list[int] = tokenizer(before, add_special_tokens=False)["input_ids"]
    pieces = sorted((_question(asked, after, tokenizer) for asked in reading.asked), key=lambda p: len(p[0]))
    fitting = [piece for piece in pieces if len(piece[0]) <= WIDTHS[-1]]
    for start in range(0, len(fitting), most):
        yield _assemble(prefix, fitting[start : start + most])


def prompt(reading: Reading, tokenizer: PreTrainedTokenizerBase) -> tuple[str, str]:
    """The prompt's text before and after the question, by the model's own chat template."""
    if not tokenizer.chat_template:
        raise CannotTrain(
            "the model's tokenizer has no chat template; take one tuned for chat (-Instruct, -it)"
        )
    asking = Chat(tokenizer).plain(messages(_SEAM, reading.passages))  # as the service does
    text = tokenizer.apply_chat_template(asking, tokenize=False, add_generation_prompt=True)
    before, after = str(text).split(f" {_SEAM}")
    return before, after


def reply_tokens(asked: Asked, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The reply's tokens, the one that ends it too."""
    return [*tokenizer(asked.reply, add_special_tokens=False)["input_ids"], int(tokenizer.eos_token_id)]


def _question(asked: Asked, after: str, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], int]:
    """Tokens of question and reply, and how many of them (at the end) are the reply's."""
    asking: list[int] = tokenizer(f" {asked.question}{after}", add_special_tokens=False)["input_ids"]
    reply = reply_tokens(asked, tokenizer)
    return asking + reply, len(reply)


def _assemble(prefix: list[int], pieces: Sequence[tuple[list[int], int]]) -> Packed:
    """Pieces ordered by length stand in blocks of their width; the passages' end is padded to a round L."""
    widths = [next(width for width in WIDTHS if width >= len(tokens)) for tokens, _ in pieces]
    blocks = tuple(Block(count, width) for width, count in Counter(widths).items())
    padded = rounded(len(prefix) + sum(widths), LENGTH_STEP) - sum(widths)
    tokens, targets, positions = padded_to(prefix, padded, 0), [NO_LOSS] * padded, [*range(padded)]
    for (piece, reply), width in zip(pieces, widths, strict=True):
        tokens += padded_to(piece, width, 0)
        targets += padded_to(wanted(piece, reply), width, NO_LOSS)
        positions += range(len(prefix), len(prefix) + width)
    layout = Layout(padded, len(prefix), blocks)
    return Packed(torch.tensor([tokens]), torch.tensor([targets]), torch.tensor([positions]), layout)


def wanted(piece: list[int], reply: int) -> list[int]:
    """The next token at each place of `piece` that predicts one of its last `reply` tokens, else no loss."""
    first = len(piece) - reply - 1
    return [NO_LOSS] * first + piece[first + 1 :]


def padded_to(items: list[int], length: int, filler: int) -> list[int]:
    """`items` and as many fillers as `length` has places left."""
    return items + [filler] * (length - len(items))


def rounded(number: int, step: int) -> int:
    """`number`, up to the next multiple of `step`."""
    return -(-number // step) * step
