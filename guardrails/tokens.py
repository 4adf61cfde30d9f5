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


class Tokens:
    """Cuts texts into windows of tokens."""

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
