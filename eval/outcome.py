"""What came back for a question: one line of `rows.jsonl`. Metrics read nothing else."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from eval.dataset import Question


class Passage(BaseModel):
    """Characters `start` to `end` of a document, as they were found or shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chunk_id: str
    document_id: str
    uri: str
    title: str = ""
    text: str
    start: int
    end: int
    page: int | None = None
    score: float = 0.0


class Cited(BaseModel):
    """A citation of the answer; `verified` is what the service says, `verbatim` what we found out.

    `verbatim`: whether the document's text holds the quote at these characters; None if nobody looked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int
    chunk_id: str
    document_id: str
    uri: str
    start: int
    end: int
    quote: str
    verified: bool
    verbatim: bool | None = None


class Found(BaseModel):
    """What a rail decided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rail: str
    stage: str
    action: str
    policy: str = ""
    reason: str = ""


class Outcome(BaseModel):
    """A question with its answer.

    `retrieved`: what search finds for the question, best first; `shown`: what the model was given. Times are
    milliseconds. `error`: why there is no answer; then all else is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Question
    answer: str = ""
    refused: bool = False
    finish_reason: str = "stop"
    grounded: float = 0.0
    model: str = ""
    retrieved: tuple[Passage, ...] = ()
    shown: tuple[Passage, ...] = ()
    citations: tuple[Cited, ...] = ()
    findings: tuple[Found, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_ms: float = 0.0
    total_ms: float = 0.0
    timings_ms: Mapping[str, float] = Field(default_factory=dict)
    error: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether a rail stopped the question or the answer."""
        return self.finish_reason == "content_filter"

    @property
    def answered(self) -> bool:
        """Whether an answer was given: neither failed, nor refused, nor blocked."""
        return self.error is None and not self.refused and not self.blocked
