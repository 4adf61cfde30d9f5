"""A generator that says what it was told to say: for tests of everything around the model."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from service.answer import Sampling, Usage
from service.errors import EngineFailed
from service.generate import Piece


def as_json(question: str) -> str:
    """What a script calls a question whose answer shall be JSON."""
    return f"{question} (JSON)"


class ScriptedGenerator:
    """Answers by the question's text (`script`), a few characters a piece; else `otherwise`.

    A reply of None breaks the engine down in the middle of the answer. JSON by a schema is asked for by
    `as_json(question)` instead.
    """

    keeps_forms = True

    def __init__(self, script: Mapping[str, str | None], otherwise: str = "I don't know") -> None:
        self.script, self.otherwise = script, otherwise
        self.prompts: list[str] = []

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`; a token is a word."""
        del model
        prompt = messages[-1]["content"]
        self.prompts.append(prompt)
        question = prompt.rpartition("Question: ")[2]
        reply = self.script.get(as_json(question) if sampling.form else question, self.otherwise)
        if reply is None:
            yield Piece("The begin")
            raise EngineFailed("the scripted engine broke down; ask again")
        for stop in sampling.stop:
            reply = reply.partition(stop)[0]
        words = reply.split(" ")
        kept = " ".join(words[: sampling.max_tokens])
        for start in range(0, len(kept), 3):
            await asyncio.sleep(0)
            yield Piece(kept[start : start + 3])
        full = len(words) > sampling.max_tokens
        yield Piece("", "length" if full else "stop", Usage(len(prompt.split()), len(kept.split())))

    def ready(self) -> bool:
        """Always."""
        return True
