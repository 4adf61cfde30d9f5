"""Readings → plain sequences, one a question: for models that cannot share passages (`attention.fits`).

As a model is served: prompt, reply, end. Sequences of like length go together, in buckets, since every new
length costs new kernels and buffers.
"""

from collections.abc import Iterator, Sequence

import torch
from transformers import PreTrainedTokenizerBase

from finetune.datasets.readings import Reading
from finetune.training.packing import NO_LOSS, Packed, padded_to, prompt, reply_tokens, rounded, wanted

BUCKET = 64
PLACES = 8192  # in one pass, padding included


def apart(readings: Sequence[Reading], tokenizer: PreTrainedTokenizerBase, most: int) -> Iterator[Packed]:
    """Passes of at most `most` questions, and few enough of long ones.

    Raises:
        CannotTrain: the tokenizer has no chat template.
    """
    pieces = sorted(
        (piece for reading in readings for piece in _pieces(reading, tokenizer)),
        key=lambda each: len(each[0]),
    )
    while pieces:
        length = rounded(len(pieces[-1][0]), BUCKET)
        fitting = [piece for piece in pieces if len(piece[0]) > length - BUCKET][
            -min(most, PLACES // length or 1) :
        ]
        pieces = pieces[: -len(fitting)]
        tokens = [padded_to(piece, length, 0) for piece, _ in fitting]
        targets = [padded_to(wanted(piece, reply), length, NO_LOSS) for piece, reply in fitting]
        yield Packed(torch.tensor(tokens), torch.tensor(targets))


def _pieces(reading: Reading, tokenizer: PreTrainedTokenizerBase) -> Iterator[tuple[list[int], int]]:
    """The tokens of each question with its passages and reply, and how many are the reply's."""
    before, after = prompt(reading, tokenizer)
    for asked in reading.asked:
        asking: list[int] = tokenizer(f"{before} {asked.question}{after}", add_special_tokens=False)[
            "input_ids"
        ]
        reply = reply_tokens(asked, tokenizer)
        yield asking + reply, len(reply)
