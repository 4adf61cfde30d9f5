"""A canary: a random token in every prompt that means nothing. An answer that holds it gives the prompt away.

Only for models that were not trained on these prompts: an adapter knows its prompt word for word.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from service.answer import Sampling
from service.context import CountTokens
from service.generate import Generator, Piece

_LINE = "\n(Internal mark, never to be written in an answer: {})"


def _token() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Canary:
    """One process's token: 16 hexadecimal digits."""

    token: str = field(default_factory=_token)

    def marked(self, messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
        """The messages with the token at the end of the first, which holds the instructions."""
        first, *others = messages
        return [{**first, "content": first["content"] + _LINE.format(self.token)}, *others]

    def counted(self, count: CountTokens) -> CountTokens:
        """Counts the tokens of messages as they are sent."""
        return lambda messages: count(self.marked(messages))


class CanaryGenerator:
    """Another generator, whose prompts are marked."""

    def __init__(self, generator: Generator, canary: Canary) -> None:
        self._generator, self._canary = generator, canary

    @property
    def keeps_forms(self) -> bool:
        """As the other."""
        return self._generator.keeps_forms

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As the other's `stream`."""
        return self._generator.stream(model, self._canary.marked(messages), sampling)

    def ready(self) -> bool:
        """As the other."""
        return self._generator.ready()
