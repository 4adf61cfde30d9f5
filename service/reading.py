"""How an adapter reads: all passages at first, to find the one that answers; then that one alone.

A small model finds the right passage far more often than it finds the right words among several, and judges
better whether one passage answers than whether any does (DECISIONS.md has the figures). The first reading
finds the passage and refuses what is clearly not there; the second refuses the rest, or says the answer. If
it refuses another passage than the best one, that is read as well. An adapter's calibration says how often it
reads and how readily it refuses.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from service.answer import Sampling, Usage
from service.calibration import ONCE, Calibration
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
    """An adapter at work: the engine that it runs on, its name there, and how it is used."""

    generator: Generator
    model: str
    manner: Calibration
    scrutiny: Scrutiny

    def read(self, task: Task) -> AsyncIterator[Piece]:
        """The answer's pieces, its citations numbered as in `task`; of two readings only one is told.

        Raises what `Generator.stream` raises.
        """
        if self.manner.readings == ONCE:
            return self._stream(task, self.manner.first)
        return self._twice(task)

    async def whole(self, task: Task) -> Piece:
        """The answer as one piece. Raises as `read`."""
        return await joined(self.read(task))

    async def plain(self, task: Task) -> Piece:
        """What the model writes at one look, however readily it would refuse. Raises as `read`."""
        return await joined(self._stream(task, 0.0))

    async def _twice(self, task: Task) -> AsyncIterator[Piece]:
        first = await joined(self._stream(task, self.manner.first))
        cited = set(numbers(first.text))
        number = cited.pop() if len(cited) == 1 else 0
        if not 1 <= number <= len(task.passages):
            yield first  # a refusal, or an answer that names no one passage
            return
        alone = replace(task, passages=[task.passages[number - 1]])
        lean = await asyncio.to_thread(self._lean, alone, first.text)
        second = await joined(self._stream(alone, lean))
        # What is neither a refusal nor cites anything is void.
        told = second if refuses(second.text) or numbers(second.text) else first
        used = total(first.usage, second.usage)
        if refuses(told.text) and number != 1:
            # Search thinks most of the first passage: it gets a hearing of its own before all is refused.
            best = await joined(self._stream(replace(task, passages=task.passages[:1]), self.manner.second))
            used = total(used, best.usage)
            if numbers(best.text) and not refuses(best.text):
                told, number = best, 1
        yield Piece(renumbered(told.text, number), told.finish, used)

    def _lean(self, alone: Task, answer: str) -> float:
        """How readily the second reading refuses."""
        doubt, (passage,) = self.manner.doubt, alone.passages
        if doubt is None or not self.scrutiny.is_meant(doubt):
            return self.manner.second
        distance = self.scrutiny.distance(alone.question, answer, passage.text)
        lack = self.scrutiny.lack(alone.question, passage) if doubt.answerability else 0.0
        return doubt.constant + doubt.weight * distance + doubt.lacking * lack

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
