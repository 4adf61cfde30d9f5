"""The prompt: one layout for serving and for training, with everything stable at the front.

The instructions come first, then the numbered passages, then the question, so that an engine's
prefix cache (and the trainer, which asks many questions of one set of passages) can share all but
the question.
"""

from collections.abc import Sequence
from typing import Protocol

INSTRUCTIONS = (
    "Answer the question from the numbered passages. Give the shortest complete answer and cite its "
    "passage like [1]. If the passages do not hold the answer, say: I don't know."
)
REFUSAL = "I don't know"


class Source(Protocol):
    """What a prompt shows of a passage."""

    @property
    def heading(self) -> str:
        """Where the text stands: "Handbook > Time off", or empty."""

    @property
    def text(self) -> str:
        """The passage itself."""


def passage_block(sources: Sequence[Source]) -> str:
    """The numbered passages, each under its heading."""
    return "\n\n".join(
        f"[{n}] {source.heading}\n{source.text}" if source.heading else f"[{n}] {source.text}"
        for n, source in enumerate(sources, start=1)
    )


def messages(question: str, sources: Sequence[Source]) -> list[dict[str, str]]:
    """The chat messages that ask `question` of `sources`."""
    return [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": f"{passage_block(sources)}\n\nQuestion: {question}"},
    ]
