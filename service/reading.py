"""How an adapter reads: all passages at first, to find the one that answers; then that one alone.

A small model finds the right passage far more often than it finds the right words among several
(DECISIONS.md has the figures). The first reading decides whether to refuse and what is cited, the second
what is said. How many readings an adapter wants is kept beside its weights.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from service.answer import Sampling, Usage
from service.citations import numbers, renumbered
from service.generate import Generator, Piece
from service.prompts import Source, messages

ONCE, TWICE = 1, 2


@dataclass(frozen=True, slots=True)
class Task:
    """A question, the passages that may answer it, and how the engine shall write."""

    question: str
    passages: Sequence[Source]
    sampling: Sampling


def read(generator: Generator, model: str, task: Task, readings: int) -> AsyncIterator[Piece]:
    """The answer's pieces, its citations numbered as in `task`; of two readings only the second is told.

    Raises what `Generator.stream` raises.
    """
    if readings == ONCE or len(task.passages) == 1:
        return generator.stream(model, messages(task.question, task.passages), task.sampling)
    return _twice(generator, model, task)


async def _twice(generator: Generator, model: str, task: Task) -> AsyncIterator[Piece]:
    first = await whole(generator, model, task)
    cited = set(numbers(first.text))
    number = cited.pop() if len(cited) == 1 else 0
    if not 1 <= number <= len(task.passages):
        yield first  # a refusal, or an answer that names no one passage
        return
    alone = Task(task.question, [task.passages[number - 1]], task.sampling)
    second = await whole(generator, model, alone)
    usage = total(first.usage, second.usage)
    # Whether to refuse was decided with all passages in sight: a second reading that cites nothing is void.
    told = second if numbers(second.text) else first
    yield Piece(renumbered(told.text, number), told.finish, usage)


async def whole(generator: Generator, model: str, task: Task) -> Piece:
    """A whole answer as one piece. Raises what `Generator.stream` raises."""
    text: list[str] = []
    last = Piece("", "stop", Usage())
    pieces = generator.stream(model, messages(task.question, task.passages), task.sampling)
    async with aclosing(pieces) as opened:  # type: ignore[type-var]  # every implementation is a generator
        async for piece in opened:
            text.append(piece.text)
            last = piece
    return Piece("".join(text), last.finish, last.usage)


def total(first: Usage | None, second: Usage | None) -> Usage:
    """What two readings cost together."""
    one, two = first or Usage(), second or Usage()
    return Usage(one.prompt_tokens + two.prompt_tokens, one.completion_tokens + two.completion_tokens)
