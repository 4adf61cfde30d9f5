"""What an answer is made of, and the events that a streamed answer arrives as."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from guardrails.verdict import Action, Stage
from ingest.where import EVERYWHERE, Where
from service.split import Arm

# "aborted" is never sent: the caller went away, or was told of an error instead.
FinishReason = Literal["stop", "length", "content_filter", "aborted"]

_TURNS, _HEARD = 4, 2_000  # the question and three before it; characters of each


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as the caller sent it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the engine chooses tokens, and for whom. Temperature 0 takes the likeliest.

    `form` asks for JSON: OpenAI's `json_schema` object (`name`, `schema`, `strict`) as a line of JSON.
    `tenant`: an engine that several share reuses nothing of one's prompts for another. `first_token`: what
    is added to the scores of words, for their first token, where an answer begins.
    """

    max_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    form: str | None = None
    tenant: str = ""
    first_token: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question on its way through the pipeline: the last user message and what came before it.

    What came before is what the server keeps of `conversation_id`, or else the earlier messages.
    Without `store` nothing of it is kept for training. `evaluation` names the run that asks, if one does.
    `where` narrows what it is answered from.
    """

    messages: tuple[Message, ...]
    model: str = "default"
    sampling: Sampling = field(default_factory=Sampling)
    conversation_id: str | None = None
    store: bool = True
    evaluation: str = ""
    where: Where = EVERYWHERE

    def marked(self, run: str) -> Self:
        """As an evaluation's `run` asks it: nothing of it is remembered. Unchanged without a run."""
        return replace(self, conversation_id=None, store=False, evaluation=run) if run else self

    @property
    def question(self) -> str:
        """The last user message; empty if there is none."""
        asked = (message.content for message in reversed(self.messages) if message.role == "user")
        return next(asked, "").strip()

    @property
    def heard(self) -> tuple[str, ...]:
        """The question and what the caller said just before it, oldest first: the end of each."""
        said = [message.content for message in self.messages if message.role == "user"]
        return tuple(text[-_HEARD:] for text in said[-_TURNS:])

    @property
    def thread(self) -> str:
        """What all requests of a conversation share: its id, or the words that it began with."""
        asked = (message.content for message in self.messages if message.role == "user")
        return self.conversation_id or next(asked, "")


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that the model was shown: its chunks, and characters `start` to `end` of their document.

    `digest` is the `fingerprint` of the text as it was shown: another one if a rail took something out.
    """

    chunk_ids: tuple[str, ...]
    document_id: str
    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What the model read of a document, for those who judge its answers: of one number in the prompt.

    `text` is what stood there, rails and all; `title` its heading; `chunk_id` that of its first passage.
    """

    chunk_id: str
    document_id: str
    uri: str
    title: str
    text: str
    start: int
    end: int
    page: int | None


def fingerprint(text: str) -> str:
    """SHA-256 of the text's words in their order; spacing makes no difference."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


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
    """What a rail decided about a text; never quotes it, unless the policy has records keep texts.

    `span` counts characters of the text that was judged, which `text_hash` stands for; `document_id` is
    that of a passage or document. What was decided in `shadow` had no effect, and no caller hears of it.
    """

    rail: str
    stage: Stage
    action: Action
    policy: str
    reason: str
    label: str = ""
    score: float = 1.0
    span: tuple[int, int] | None = None
    shadow: bool = False
    text_hash: str = ""
    text: str | None = None
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the engine read and wrote."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer that has passed every rail and may be shown.

    A `refusing` one says that the documents do not hold the answer.
    """

    text: str
    refusing: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: the last event of a stream. `text` is all deltas together.

    `context` is what the model was shown. An answer from the cache `repeats` the one of that id. `arm` is
    the side of a comparison that `model` stands on (`service.split`). An answer to an `evaluation` has the
    words of its context too, as `exhibits`. `labels` are those of the documents that it rests on.
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
    policy: str = ""
    context: tuple[Shown, ...] = ()
    repeats: str | None = None
    arm: Arm = ""
    evaluation: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    labels: tuple[str, ...] = ()


Event = Delta | Answer
