"""The seam to whatever writes the text: the embedded engine, or OpenAI-compatible endpoints."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from service.answer import Sampling, Usage


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of the engine; the last piece says why it ended and what it cost."""

    text: str
    finish: Literal["stop", "length"] | None = None
    usage: Usage | None = None


class Generator(Protocol):
    """Chat messages in, pieces of text out. It does not know passages, rails or principals."""

    @property
    def keeps_forms(self) -> bool:
        """Whether it can write JSON by `Sampling.form`."""
        ...

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """Write an answer with `model` (a base model or an adapter). Closing the iterator stops the engine.

        Raises:
            EngineFailed: the engine broke down, before or in the middle of the text.
            EngineSlow: the text was not finished in time.
            EngineRefused, ContextTooLong: the engine is well, but won't take this request.
            BadRequest: it cannot write by this form.
        """
        ...

    def ready(self) -> bool:
        """Whether a request would be answered now."""
        ...
