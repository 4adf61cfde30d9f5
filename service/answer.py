"""What an answer is made of, and the events that a streamed answer arrives as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from guardrails.verdict import Action, Stage
from service.split import Arm

FinishReason = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as the caller sent it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the engine chooses tokens, and for whom. Temperature 0 takes the likeliest.

    `tenant`: an engine that several share reuses nothing of one's prompts for another.
    """

    max_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question on its way through the pipeline: the last user message and what came before it.

    What came before is what the server keeps of `conversation_id`, or else the earlier messages.
    """

    messages: tuple[Message, ...]
    model: str = "default"
    sampling: Sampling = field(default_factory=Sampling)
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """The words in a document that a sentence of the answer rests on.

    `document.text[start:end] == quote`; `n` is the number that stands in the answer.
    """

    n: int
    chunk_id: str
    document_id: str
    uri: str
    title: str
    heading: str
    page: int | None
    start: int
    end: int
    quote: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rail decided while the answer was made; never quotes the text."""

    rail: str
    stage: Stage
    action: Action
    policy: str
    reason: str
    label: str = ""
    score: float = 1.0
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the engine read and wrote."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer that has passed every rail and may be shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: the last event of a stream. `text` is all deltas together.

    `arm` is the side of a comparison that `model` stands on (`service.split`).
    """

    answer_id: str
    model: str
    text: str
    finish_reason: FinishReason
    citations: tuple[Citation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    grounded: float = 0.0
    refused: bool = False
    usage: Usage = Usage()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    arm: Arm = ""


Event = Delta | Answer
