"""A question in the shape of OpenAI's responses: the part of `/v1/responses` that is taken.

Text in, text or JSON out. What came before is the `input`'s earlier messages, or what the server keeps
under `conversation`. There are no tools, files, images, background work or stored responses.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.where import EVERYWHERE, Where
from service.answer import Ask, Message, Sampling
from service.form import NamedSchema
from service.parameters import RESPONSES, asked_for, documented
from service.schemas import FILTER, STORE, ConversationId, question
from service.strict import Body, Text


class InputPart(BaseModel):
    """A piece of a message; an answer's may be sent back as it came."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    type: Literal["input_text", "output_text", "text"]
    text: Text


class InputMessage(BaseModel):
    """One message; an answer may be sent back as it came."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    type: Literal["message"] = "message"
    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[InputPart]

    def message(self) -> Message:
        """The message as the pipeline takes it."""
        parts = [self.content] if isinstance(self.content, str) else [part.text for part in self.content]
        return Message("system" if self.role == "developer" else self.role, "\n".join(parts))


class PlainFormat(Body):
    """The answer is a text."""

    type: Literal["text"]

    @property
    def form(self) -> str | None:
        """None: see `SchemaFormat`."""
        return None


class SchemaFormat(NamedSchema):
    """The answer is JSON by a schema; `form` is as `service.answer.Sampling` takes it."""

    type: Literal["json_schema"]


class TextSettings(Body):
    """How the answer is written."""

    format: Annotated[PlainFormat | SchemaFormat, Field(discriminator="type")] | None = None


class ConversationRef(Body):
    """A conversation by its name."""

    id: ConversationId


class ResponseRequest(Body):
    """A question, in the shape of OpenAI's responses. The last message of `input` is the question.

    Parameters that are not done here are treated as in `ChatRequest`.
    """

    model_config = ConfigDict(json_schema_extra=documented(RESPONSES))

    model: Text = Field("default", min_length=1, description="An adapter's name, or `default`.")
    input: Text | Annotated[list[InputMessage], Field(min_length=1, max_length=500)]
    instructions: Text | None = Field(None, description="As a message of the role `system`.")
    stream: bool = False
    stream_options: dict[str, Any] | None = Field(None, description="Ignored.")
    max_output_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2, description="0, the default, takes the likeliest.")
    top_p: float | None = Field(None, gt=0, le=1)
    text: TextSettings | None = None
    conversation: ConversationId | ConversationRef | None = Field(
        None,
        description="The caller's name for a conversation that the server keeps: follow-ups are understood.",
    )
    filter: Where = Field(EVERYWHERE, description=FILTER)
    user: Text | None = Field(None, max_length=200, description="Sent back; the key says who asks.")
    metadata: dict[Text, Text] | None = Field(None, max_length=16, description="Sent back.")
    safety_identifier: str | None = Field(None, max_length=200, description="Ignored, as `user`.")
    prompt_cache_key: str | None = Field(None, max_length=200, description="Ignored.")
    store: bool | None = Field(None, description=STORE)

    @model_validator(mode="before")
    @classmethod
    def _what_is_asked(cls, data: Any) -> Any:  # noqa: ANN401  # anything may be sent
        return asked_for(data, RESPONSES)

    def ask(self, max_tokens: int) -> Ask:
        """The question as the pipeline takes it; `max_tokens` where the caller names no limit.

        Raises:
            BadRequest: the last message is no question.
        """
        sampling = Sampling(
            max_tokens=self.max_output_tokens or max_tokens,
            temperature=self.temperature or 0.0,
            top_p=self.top_p or 1.0,
            form=self.form,
        )
        said = [Message("system", self.instructions)] if self.instructions else []
        if isinstance(self.input, str):
            said.append(Message("user", self.input))
        else:
            said += [message.message() for message in self.input]
        asked = question(said, self.model, sampling, self.conversation_id, "input")
        return replace(asked, store=self.store is not False, where=self.filter)

    @property
    def form(self) -> str | None:
        """The JSON schema that the answer shall hold to, if any: as `service.answer.Sampling` takes it."""
        return self.text.format.form if self.text and self.text.format else None

    @property
    def conversation_id(self) -> str | None:
        """The conversation's name."""
        return self.conversation.id if isinstance(self.conversation, ConversationRef) else self.conversation

    def echo(self) -> dict[str, Any]:
        """What a response repeats of its request."""
        written = self.text.format if self.text and self.text.format else PlainFormat(type="text")
        name = self.conversation_id
        return {
            "conversation": {"id": name} if name else None,
            "instructions": self.instructions,
            "max_output_tokens": self.max_output_tokens,
            "metadata": self.metadata or {},
            "temperature": self.temperature or 0.0,
            "text": {"format": written.model_dump(by_alias=True, exclude_none=True)},
            "top_p": self.top_p or 1.0,
            "user": self.user,
        }
