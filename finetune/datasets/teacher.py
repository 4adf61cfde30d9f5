"""A teacher: a larger model behind an OpenAI-compatible endpoint, asked exactly as the adapter will be."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from eval.judge import Engine
from finetune.datasets.readings import Shown
from finetune.errors import TeacherFailed
from service.answer import Sampling
from service.errors import EngineFailed, ServiceError
from service.generate import Piece
from service.prompts import messages
from service.reading import joined

_LONGEST_PAUSE = 30  # seconds


@dataclass(frozen=True, slots=True)
class Teacher:
    """Asks `engine` for the answers of `model`. `pause`: seconds before a second attempt; it doubles."""

    engine: Engine
    model: str
    timeout: float = 60.0
    attempts: int = 3
    max_tokens: int = 128
    pause: float = 0.5

    async def answer(self, question: str, passages: Sequence[Shown]) -> Piece:
        """The whole answer at temperature 0.

        Raises:
            TeacherFailed: no answer in time, however often it was asked.
            ServiceError: it would not answer this: another time it would not either.
        """
        attempts = AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential_jitter(multiplier=self.pause, max=_LONGEST_PAUSE, jitter=self.pause),
            retry=retry_if_exception_type((TimeoutError, EngineFailed)),
            reraise=True,
        )
        try:
            return await attempts(self._once, question, passages)
        except (TimeoutError, EngineFailed) as error:
            reason = str(error) or f"no answer within {self.timeout:g} s"
            raise TeacherFailed(f"the teacher failed: {reason}") from error

    async def _once(self, question: str, passages: Sequence[Shown]) -> Piece:
        async with asyncio.timeout(self.timeout):
            sampling = Sampling(max_tokens=self.max_tokens)
            return await joined(self.engine.stream(self.model, messages(question, passages), sampling))


REFUSED = ServiceError
"""What `answer` raises where asking again is of no use."""
