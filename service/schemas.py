"""What callers send, as pydantic models. Unknown fields are errors, so that no typing mistake goes unseen."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ingest.access import DEFAULT_TENANT, Principal
from ingest.store import Mode
from service.answer import Ask, Message, Sampling
from service.errors import BadRequest

# OpenAI's parameters that mean nothing here, and the values beside null that ask for nothing.
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "audio": (),
    "frequency_penalty": (0,),
    "function_call": ("none",),
    "functions": ([],),
    "logit_bias": ({},),
    "logprobs": (False,),
    "modalities": (["text"],),
    "n": (1,),
    "parallel_tool_calls": (True, False),
    "prediction": (),
    "presence_penalty": (0,),
    "reasoning_effort": (),
    "response_format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "top_logprobs": (0,),
    "verbosity": (),
    "web_search_options": (),
}


def _sound(text: str) -> str:
    """JSON can spell half a character, which no tokenizer, file or answer can hold."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("half a surrogate pair is no character")
    return text


Text = Annotated[str, AfterValidator(_sound)]


ConversationId = Annotated[
    # No control characters: they belong in no name, and PostgreSQL cannot keep all of them.
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
    AfterValidator(_sound),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Body):
    """A piece of a message."""

    type: Literal["text"]
    text: Text


class ChatMessage(BaseModel):
    """One message; `developer` is OpenAI's newer name for `system`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]

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
    """`include_usage` adds the token counts to the last chunk."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    include_usage: bool = False


Stop = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_sound)]


class ChatRequest(_Body):
    """A question, in the shape of OpenAI's chat completions.

    The last user message is the question. OpenAI's other parameters are accepted where they ask for
    nothing (`n: 1`, `tools: []`), and refused by name where they ask for what is not done here.
    """

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
    user: str | None = Field(None, max_length=200, description="Ignored: the key says who asks.")
    metadata: dict[str, Any] | None = Field(None, description="Ignored.")
    store: bool | None = Field(
        None,
        description="False: nothing of this answer is kept for training. True asks for no more than the "
        "server's settings keep.",
    )
    conversation_id: ConversationId | None = Field(
        None,
        description="The caller's name for a conversation that the server keeps: follow-ups are understood.",
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_what_asks_for_nothing(cls, data: Any) -> Any:  # noqa: ANN401  # anything may be sent
        if not isinstance(data, dict):
            return data
        kept = {name: value for name, value in data.items() if value is not None}
        for name, neutral in UNSUPPORTED.items():
            if name in kept and kept.pop(name) not in neutral:
                raise PydanticCustomError(
                    "unsupported_parameter", "{parameter} is not supported: leave it out", {"parameter": name}
                )
        return kept

    def ask(self, max_tokens: int) -> Ask:
        """The question as the pipeline takes it; `max_tokens` where the caller names no limit.

        Raises:
            BadRequest: the last message is no question.
        """
        if self.messages[-1].role != "user" or not self.messages[-1].text.strip():
            raise BadRequest("the last message must be the user's question, and not empty", "messages")
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        sampling = Sampling(
            max_tokens=self.max_completion_tokens or self.max_tokens or max_tokens,
            temperature=self.temperature or 0.0,
            top_p=self.top_p or 1.0,
            seed=self.seed,
            stop=stop,
        )
        messages = tuple(message.message() for message in self.messages)
        return Ask(messages, self.model, sampling, self.conversation_id, store=self.store is not False)

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000), AfterValidator(_sound)
]


class SearchRequest(_Body):
    """A search for passages."""

    query: Words
    k: int = Field(10, ge=1, le=100, description="How many passages.")
    mode: Mode = Field(Mode.HYBRID, description="By meaning and words, or by one of them.")


class FeedbackRequest(_Body):
    """What the asker thinks of an answer."""

    answer_id: Text = Field(min_length=1, max_length=100)
    rating: Literal["up", "down"]
    correction: Text | None = Field(None, max_length=20_000, description="What the answer should have been.")
    comment: Text | None = Field(None, max_length=20_000)


class CommandRequest(_Body):
    """An ingestion command of this machine's command line: see `ingest.commands`."""

    command: str
    arguments: dict[str, Any]


class InternalAsk(_Body):
    """A question of this machine's command line. Without `groups` the tenant's local administrator asks."""

    question: Text
    model: Text = "default"
    tenant: str = Field(DEFAULT_TENANT, min_length=1)
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
