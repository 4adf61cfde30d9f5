"""Texts of like length in one batch, by tokens: what is padded is computed for nothing.

Each shape of a batch costs compiled kernels and buffers that stay (with every length a shape of its own, a
handbook's worth took over a gigabyte): lengths are rounded up to a few steps an octave, and the number of
texts follows from the length.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

STEP, STEPS_AN_OCTAVE = 8, 8


class Batch(NamedTuple):
    """Texts to embed together: their `places` among all, in `rows` rows of `length` tokens."""

    places: list[int]
    length: int
    rows: int


def batches(lengths: Sequence[int], budget: int) -> Iterator[Batch]:
    """All texts, of `lengths` tokens, the longest first; about `budget` tokens a batch, one text at least."""
    order = sorted(range(len(lengths)), key=lambda place: lengths[place], reverse=True)
    at = 0
    while at < len(order):
        length = rounded(lengths[order[at]])
        places = order[at : at + max(1, budget // length)]
        at += len(places)
        full = len(places) == budget // length
        yield Batch(places, length, len(places) if full else 1 << (len(places) - 1).bit_length())


def rounded(length: int) -> int:
    """`length` tokens, rounded up to a multiple of 8, or of an eighth of the power of two below it."""
    step = max(STEP, (1 << max(0, length - 1).bit_length() >> 1) // STEPS_AN_OCTAVE)
    return max(1, -(-length // step)) * step
