"""The seam to what is evaluated: it is asked questions, one by one, and says what its answers depend on."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from eval.dataset import Question
from eval.fingerprint import Fingerprint
from eval.outcome import Outcome
from service.answer import Message
from service.rewrite import exchanges, standalone

# Passages that search is asked for, for what a run calls `retrieved`.
FOUND = 10
LONGEST_QUERY = 8_000


class Target(Protocol):
    """A Plumbline, wherever it runs."""

    async def ask(self, question: Question) -> Outcome:
        """What comes of a question. Never raises for it: an outcome may be an error."""
        ...

    async def fingerprint(self) -> Fingerprint:
        """What answers depend on now.

        Raises:
            TargetFault: it does not say.
        """
        ...


# By the run's name, under which the target's records have its questions.
OpenTarget = Callable[[str], AbstractAsyncContextManager[Target]]


def history(question: Question) -> tuple[Message, ...]:
    """What was said before a question."""
    return tuple(Message(turn.role, turn.content) for turn in question.history)


def query(question: Question) -> str:
    """What is searched for: the question so that it stands alone, as the service would have it."""
    return standalone(question.question, exchanges(history(question)))[:LONGEST_QUERY]
