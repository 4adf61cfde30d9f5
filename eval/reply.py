"""A service's reply to a question → its outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from eval.dataset import Question
from eval.outcome import Cited, Found, Outcome, Passage

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply:
    """The words of an answer, what the service says of them (`service.answered`), and when they came.

    Times are milliseconds since the question was sent.
    """

    text: str
    finish_reason: str
    known: Mapping[str, Any]
    usage: Mapping[str, int] = field(default_factory=dict)
    first_token_ms: float = 0.0
    total_ms: float = 0.0

    @property
    def citations(self) -> list[Cited]:
        """What it cites; nobody has looked yet whether the words stand there."""
        return [picked(Cited, each) for each in self.known["citations"]]


def outcome(
    question: Question, reply: Reply, citations: Sequence[Cited], retrieved: Sequence[Mapping[str, Any]]
) -> Outcome:
    """The outcome of a question; `citations` are the reply's, looked up.

    Raises:
        KeyError, ValidationError: the reply is not of the documented shape.
    """
    known = reply.known
    return Outcome(
        question=question,
        answer=reply.text,
        refused=known["refused"],
        finish_reason=reply.finish_reason,
        grounded=known["grounded"],
        model=known["model"],
        retrieved=tuple(picked(Passage, each) for each in retrieved),
        shown=tuple(picked(Passage, each) for each in known["context"]),
        citations=tuple(citations),
        findings=tuple(picked(Found, each) for each in known["guardrails"]),
        prompt_tokens=reply.usage["prompt_tokens"],
        completion_tokens=reply.usage["completion_tokens"],
        first_token_ms=round(reply.first_token_ms, 1),
        total_ms=round(reply.total_ms, 1),
        timings_ms=known["timings_ms"],
    )


def picked(shape: type[Shape], told: Mapping[str, Any]) -> Shape:
    """Of what was told, what we keep."""
    return shape.model_validate({name: told[name] for name in shape.model_fields if name in told})
