"""How an adapter reads: all passages at once, or the sentences that are pointed at among them.

A small model finds the right words far more often in three sentences than in five passages, and judges better
there whether they are an answer (`service.scrutiny`). An adapter's calibration says how it reads, and how
readily it refuses.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from service.answer import Sampling, Usage
from service.calibration import Calibration, Pointed
from service.citations import claim, numbers, renumbered
from service.generate import Generator, Piece
from service.prompts import REFUSAL, Source, messages
from service.scrutiny import Scrutiny

# What a refusal begins with, and no other answer is meant to.
FIRST_WORD = REFUSAL.split(maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Task:
    """A question, the passages that may answer it, and how the engine shall write."""

    question: str
    passages: Sequence[Source]
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class Reader:
    """An adapter at work: the engine that it runs on, its name there, how it is used, and who points."""

    generator: Generator
    model: str
    manner: Calibration
    scrutiny: Scrutiny

    def read(self, task: Task) -> AsyncIterator[Piece]:
        """The answer's pieces, its citations numbered as in `task`.

        Raises what `Generator.stream` raises; `ModelError` if the model that points cannot be loaded.
        """
        pointed = self.manner.pointed
        if pointed and task.passages and pointed.by == self.scrutiny.model:
            return self._pointed(task, pointed)
        return self._stream(task, self.manner.constant)

    async def whole(self, task: Task) -> Piece:
        """The answer as one piece. Raises as `read`."""
        return await joined(self.read(task))

    async def plain(self, task: Task) -> Piece:
        """What the model writes from all passages, however readily it would refuse. Raises as `read`."""
        return await joined(self._stream(task, 0.0))

    async def _pointed(self, task: Task, pointed: Pointed) -> AsyncIterator[Piece]:
        point = await asyncio.to_thread(self.scrutiny.point, task.question, task.passages)
        lean = pointed.lean(point.lack)
        told = await joined(self._stream(replace(task, passages=[point.near]), lean))
        if not refuses(told.text) and not numbers(told.text):
            # What is neither a refusal nor cites anything is void: the passages are read as they are.
            every = await joined(self._stream(task, self.manner.constant))
            yield replace(every, usage=total(told.usage, every.usage))
            return
        yield replace(told, text=renumbered(told.text, point.number))

    def _stream(self, task: Task, lean: float) -> AsyncIterator[Piece]:
        weighed = replace(task.sampling, first_token=weight(lean))
        return self.generator.stream(self.model, messages(task.question, task.passages), weighed)


def weight(lean: float) -> tuple[tuple[str, float], ...]:
    """What is added to the refusal's first word, for `Sampling.first_token`."""
    return ((FIRST_WORD, round(lean, 3)),) if lean else ()


def refuses(text: str) -> bool:
    """Whether the model says that the passages do not hold the answer."""
    return claim(text).casefold().startswith(REFUSAL.casefold())


async def joined(pieces: AsyncIterator[Piece]) -> Piece:
    """A whole answer as one piece. Raises what the pieces raise."""
    text: list[str] = []
    last = Piece("", "stop", Usage())
    async with aclosing(pieces) as opened:  # type: ignore[type-var]  # every implementation is a generator
        async for piece in opened:
            text.append(piece.text)
            last = piece
    return Piece("".join(text), last.finish, last.usage)


def total(first: Usage | None, second: Usage | None) -> Usage:
    """What two readings cost together."""
    one, two = first or Usage(), second or Usage()
    return Usage(one.prompt_tokens + two.prompt_tokens, one.completion_tokens + two.completion_tokens)
