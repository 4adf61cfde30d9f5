"""What callers send, as pydantic models. Unknown fields are errors, so that no typing mistake goes unseen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from guardrails.policy import RailName
from guardrails.verdict import Action, Stage
from ingest.access import DEFAULT_TENANT, LONGEST_NAME, Principal
from ingest.store import Mode
from ingest.where import EVERYWHERE, Where
from service.answer import Ask, Message, Sampling
from service.errors import BadRequest
from service.form import ResponseFormat
from service.ledger import stamp
from service.parameters import CHAT, asked_for, documented, refuse_tools
from service.records import Wanted
from service.strict import Body, Text, sound

STORE = (
    "False: nothing of this answer is kept for training. True asks for no more than the server's settings do."
)
FILTER = "Which documents the answer is from; of this question alone, also within a conversation."
ConversationId = Annotated[
    # No control characters: they belong in no name, and PostgreSQL cannot keep all of them.
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
    AfterValidator(sound),
]


class TextPart(Body):
    """A piece of a message."""

    type: Literal["text"]
    text: Text


class ChatMessage(BaseModel):
    """One message; `developer` is OpenAI's newer name for `system`."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]

    @model_validator(mode="before")
    @classmethod
    def _without_tools(cls, data: Any) -> Any:  # noqa: ANN401  # anything may be sent
        return refuse_tools(data)

    @property
    def text(self) -> str:
        """The content as one string."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)

    def message(self) -> Message:
        """The message as the pipeline takes it."""
        return Message("system" if self.role == "developer" else self.role, self.text)


class StreamOptions(BaseModel):
    """`include_usage` adds a last chunk with the token counts."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    include_usage: bool = False


Stop = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(sound)]


def question(
    messages: Sequence[Message], model: str, sampling: Sampling, conversation_id: str | None, parameter: str
) -> Ask:
    """The question as the pipeline takes it; `parameter` is the one that holds the messages.

    Raises:
        BadRequest: the last message is no question, or the answer could not be written as it shall be.
    """
    if messages[-1].role != "user" or not messages[-1].content.strip():
        raise BadRequest("the last message must be the user's question, and not empty", parameter)
    if sampling.form is not None and sampling.stop:
        raise BadRequest("an answer in JSON ends where its schema does: leave stop out", "stop")
    return Ask(tuple(messages), model, sampling, conversation_id)


class ChatRequest(Body):
    """A question, in the shape of OpenAI's chat completions.

    The last user message is the question. OpenAI's other parameters are accepted where they ask for
    nothing (`n: 1`, `tools: []`), and refused by name where they ask for what is not done here.
    """

    model_config = ConfigDict(json_schema_extra=documented(CHAT))

    model: Text = Field("default", min_length=1, description="An adapter's name, or `default`.")
    messages: list[ChatMessage] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1, description="As `max_tokens`, and wins over it.")
    temperature: float | None = Field(None, ge=0, le=2, description="0, the default, takes the likeliest.")
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    response_format: ResponseFormat | None = Field(
        None, description="`json_schema`: the answer is JSON by that schema, if the engine can write it."
    )
    user: str | None = Field(None, max_length=200, description="Ignored: the key says who asks.")
    metadata: dict[str, Any] | None = Field(None, description="Ignored.")
    safety_identifier: str | None = Field(None, max_length=200, description="Ignored, as `user`.")
    prompt_cache_key: str | None = Field(None, max_length=200, description="Ignored.")
    store: bool | None = Field(None, description=STORE)
    conversation_id: ConversationId | None = Field(
        None,
        description="The caller's name for a conversation that the server keeps: follow-ups are understood.",
    )
    filter: Where = Field(EVERYWHERE, description=FILTER)

    @model_validator(mode="before")
    @classmethod
    def _what_is_asked(cls, data: Any) -> Any:  # noqa: ANN401  # anything may be sent
        return asked_for(data, CHAT)

    def ask(self, max_tokens: int) -> Ask:
        """The question as the pipeline takes it; `max_tokens` where the caller names no limit.

        Raises:
            BadRequest: the last message is no question, or parameters contradict each other.
        """
        sampling = Sampling(
            max_tokens=self.max_completion_tokens or self.max_tokens or max_tokens,
            temperature=self.temperature or 0.0,
            top_p=self.top_p or 1.0,
            seed=self.seed,
            stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
            form=self.response_format.form if self.response_format else None,
        )
        messages = [message.message() for message in self.messages]
        asked = question(messages, self.model, sampling, self.conversation_id, "messages")
        return replace(asked, store=self.store is not False, where=self.filter)

    @property
    def formed(self) -> bool:
        """Whether the answer shall be JSON."""
        return self.response_format is not None and self.response_format.form is not None

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000), AfterValidator(sound)
]


class SearchRequest(Body):
    """A search for passages."""

    query: Words
    k: int = Field(10, ge=1, le=100, description="How many passages.")
    mode: Mode = Field(Mode.HYBRID, strict=False, description="By meaning and words, or by one of them.")
    filter: Where = Field(EVERYWHERE, description="Which documents the passages are of.")


class FeedbackRequest(Body):
    """What the asker thinks of an answer."""

    answer_id: Text = Field(min_length=1, max_length=100)
    rating: Literal["up", "down"]
    correction: Text | None = Field(None, max_length=20_000, description="What the answer should have been.")
    comment: Text | None = Field(None, max_length=20_000)


class CommandRequest(Body):
    """An ingestion command of this machine's command line: see `ingest.commands`."""

    command: str
    arguments: dict[str, Any]


class InternalAsk(Body):
    """A question of this machine's command line. Without `groups` the tenant's local administrator asks."""

    question: Text
    model: Text = "default"
    tenant: str = Field(DEFAULT_TENANT, min_length=1, max_length=LONGEST_NAME)
    groups: list[str] | None = None

    def ask(self, max_tokens: int) -> Ask:
        """The question as the pipeline takes it."""
        return Ask((Message("user", self.question),), self.model, Sampling(max_tokens=max_tokens))

    @property
    def principal(self) -> Principal:
        """As whom to ask."""
        if self.groups is None:
            return Principal.administrator(self.tenant)
        return Principal(self.tenant, "local", frozenset(self.groups), frozenset({"chat"}))


def in_utc(at: datetime) -> datetime:
    """The time in UTC; one without a zone is. Raises `ValueError` where there is no such time."""
    try:
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


Moment = Annotated[datetime, AfterValidator(in_utc)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class AuditQuery(BaseModel):
    """Which decisions of the rails, and how many."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rail: RailName | None = Field(None, description="Of this rail.")
    stage: Stage | None = Field(None, description="At this stage.")
    action: Action | None = Field(None, description="Of this action.")
    shadow: bool | None = Field(None, description="Those that had no effect, or those that had.")
    subject: Name | None = Field(None, description="About what this one asked, or had indexed.")
    answer_id: Name | None = Field(None, description="About this answer.")
    document_id: Name | None = Field(None, description="About this document.")
    text_hash: Name | None = Field(
        None, description="About the text of this hash: SHA-256 of the tenant, a line feed and the text."
    )
    since: Moment | None = Field(None, description="From then on; without a zone: UTC.")
    until: Moment | None = Field(None, description="Until then.")
    limit: int = Field(100, ge=1, le=1_000)
    cursor: str | None = Field(None, max_length=100, description="`next` of the page before.")

    @property
    def wanted(self) -> Wanted:
        """As the audit takes it."""
        since, until = (None if at is None else stamp(at) for at in (self.since, self.until))
        given = self.model_dump(mode="json", exclude={"limit", "cursor", "since", "until"})
        return Wanted(since=since, until=until, **given)
