"""A generator that quotes: it answers from the prompt alone, with the sentence most like the question.

It stands in for a model where a test measures what surrounds it: it needs no weights, takes a millisecond,
says the same every time, and is only as good as the passages and the prompt that it is given.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from service.answer import Sampling, Usage
from service.generate import Piece
from service.prompts import REFUSAL

_PASSAGE = re.compile(r"^\[(\d+)\] ", re.MULTILINE)
_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    re.findall(
        _WORD,
        "a an the of in on to for and or is was are be been did does do what which who when where why how "
        "many much by from with that this it its as at i we you my our may must can get have has",
    )
)
_ENOUGH = 0.5  # of the question's words, or it is not answered


class QuotingGenerator:
    """Writes the best sentence and its number; `delay` in seconds comes before the first piece."""

    keeps_forms = False

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`."""
        del model, sampling
        await asyncio.sleep(self.delay)
        shown, _, question = messages[-1]["content"].rpartition("\n\nQuestion: ")
        text = _quote(shown, question)
        yield Piece(text, "stop", Usage(len(shown.split()), len(text.split())))

    def ready(self) -> bool:
        """Always."""
        return True


def _quote(shown: str, question: str) -> str:
    asked = _words(question)
    best, answer = 0.0, ""
    for number, passage in _passages(shown):
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", passage):
            held = len(asked & _words(sentence)) / max(1, len(asked))
            if held > best:
                marker = f" [{number}]" if number else ""
                best, answer = held, f"{sentence.strip().rstrip('.')}{marker}."
    return answer if best >= _ENOUGH else REFUSAL


def _passages(shown: str) -> list[tuple[int, str]]:
    """Passages with their numbers; one without a number if there are none."""
    parts = _PASSAGE.split(shown)
    numbered = zip(parts[1::2], parts[2::2], strict=True)
    return [(int(number), text) for number, text in numbered] or [(0, shown)]


def _words(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.lower()) if word not in _COMMON}
