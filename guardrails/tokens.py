"""Texts to token numbers, in overlapping windows. The only module that imports tokenizers."""

from pathlib import Path
from typing import NamedTuple, Self

from tokenizers import Tokenizer

from guardrails.errors import ModelError
from guardrails.sentences import Span

DEFAULT_TOKENIZER = Path(__file__).parent / "models" / "encoder.tokenizer.json"
WINDOW = 254
"""Tokens a window, without the two that mark its ends; about 900 characters of English."""
OVERLAP = 64
"""Tokens that a window shares with the one before: what stands at a seam is whole in one of them."""


class Window(NamedTuple):
    """A part of a text: its token numbers, ends marked, and the characters that they stand for."""

    tokens: tuple[int, ...]
    span: Span


class Pair(NamedTuple):
    """A question and a text in one row: token numbers, parts marked; where the text begins among them.

    `spans` are the characters of the text that each of its tokens stands for.
    """

    tokens: tuple[int, ...]
    start: int
    spans: tuple[Span, ...]


class Tokens:
    """Turns texts into rows of tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._first, self._last = tokenizer.encode("").ids

    @classmethod
    def load(cls, file: Path = DEFAULT_TOKENIZER) -> Self:
        """Read the tokenizer.

        Raises:
            ModelError: the file is missing or damaged.
        """
        try:
            return cls(Tokenizer.from_buffer(file.read_bytes()))
        except (OSError, ValueError) as error:
            raise ModelError(f"{file}: no tokenizer ({type(error).__name__}). Restore it.") from error

    def windows(self, text: str) -> list[Window]:
        """Return the windows of `text`, in order; none if it holds nothing to read."""
        coded = self._tokenizer.encode(text, add_special_tokens=False)
        numbers, places = coded.ids, coded.offsets
        starts = range(0, max(len(numbers) - OVERLAP, 1), WINDOW - OVERLAP) if numbers else ()
        return [
            Window(
                (self._first, *numbers[start : start + WINDOW], self._last),
                (places[start][0], places[min(start + WINDOW, len(numbers)) - 1][1]),
            )
            for start in starts
        ]

    def pairs(self, question: str, text: str, most: int = 320) -> list[Pair]:
        """Return `question` beside each window of `text`, in order, in rows of at most `most` tokens."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[: most // 2]
        front = (self._first, *asked, self._last)
        coded = self._tokenizer.encode(text, add_special_tokens=False)
        room = most - len(front) - 1
        shared = min(OVERLAP, room // 2)
        starts = range(0, max(len(coded.ids) - shared, 1), room - shared)
        return [
            Pair(
                (*front, *coded.ids[start : start + room], self._last),
                len(front),
                tuple(coded.offsets[start : start + room]),
            )
            for start in starts
        ]
