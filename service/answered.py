"""What callers get back for a question, as pydantic models: the shapes that `/openapi.json` documents.

`service.completions` and `service.responses` build them, as dictionaries.
"""

from typing import Any, Literal

from pydantic import BaseModel

from service.answer import Citation, Exhibit, FinishReason


class Found(BaseModel):
    """What a rail decided; `span` counts characters of the text that it looked at."""

    rail: str
    stage: str
    action: str
    policy: str
    reason: str
    span: tuple[int, int] | None = None


class Additions(BaseModel):
    """What we add to OpenAI's shapes.

    `grounded` is in [0, 1]; `refused` is true when the answer says that the documents do not hold it.
    `labels` are those of the documents that the answer rests on, such as `confidential`. `context` is what
    the model was shown, number by number; only evaluations are told.
    """

    citations: list[Citation]
    guardrails: list[Found]
    answer_id: str
    grounded: float
    refused: bool
    timings_ms: dict[str, float]
    conversation_id: str | None
    labels: list[str]
    context: list[Exhibit] | None = None


class Said(BaseModel):
    """The answer's message: `refusal` stands in the place of `content` where JSON was asked for."""

    role: Literal["assistant"]
    content: str | None
    refusal: str | None


class Choice(BaseModel):
    """The one choice."""

    index: Literal[0]
    message: Said
    finish_reason: FinishReason
    logprobs: None


class TokenCounts(BaseModel):
    """Tokens that the engine read and wrote."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(Additions):
    """OpenAI's `chat.completion`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: TokenCounts


class OutputPart(BaseModel):
    """The answer's text, or a refusal in the place of JSON."""

    type: Literal["output_text", "refusal"]
    text: str | None = None
    refusal: str | None = None
    annotations: list[Any] | None = None
    logprobs: list[Any] | None = None


class OutputMessage(BaseModel):
    """The answer's message."""

    type: Literal["message"]
    id: str
    role: Literal["assistant"]
    status: Literal["completed", "incomplete"]
    content: list[OutputPart]


class InputDetails(BaseModel):
    """Of the tokens read, those that the engine need not have read."""

    cached_tokens: int
    cache_write_tokens: int


class OutputDetails(BaseModel):
    """Of the tokens written, those that nobody sees."""

    reasoning_tokens: int


class ResponseCounts(BaseModel):
    """Tokens that the engine read and wrote."""

    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int


class Reason(BaseModel):
    """Why a response ended early."""

    reason: Literal["max_output_tokens", "content_filter"]


class ResponseShape(Additions):
    """OpenAI's `response`. What it repeats of the request is not listed here."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "incomplete"]
    incomplete_details: Reason | None
    model: str
    output: list[OutputMessage]
    usage: ResponseCounts
