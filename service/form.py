"""How a caller wants the answer written: as a text, or as JSON by a schema of the caller's own."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from service.strict import Body, Text, sound

LARGEST = 20_000  # characters of a schema
DEEPEST = 64  # objects and lists of a schema within each other


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [schema]
    for _ in range(DEEPEST):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError(f"a schema may be {DEEPEST} levels deep")
    if len(sound(json.dumps(schema, ensure_ascii=False, allow_nan=False))) > LARGEST:
        raise ValueError(f"a schema may have {LARGEST} characters")
    return schema


def _children(value: Any) -> Iterable[Any]:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class NamedSchema(Body):
    """A JSON schema, and what the caller calls it. `strict` goes to the engine."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: Text | None = Field(None, max_length=1_000)
    body: Annotated[dict[str, Any], AfterValidator(_bounded)] = Field(alias="schema")
    strict: bool | None = None

    @property
    def form(self) -> str:
        """As `service.answer.Sampling` takes it. Engines write the properties in the caller's order."""
        strict = {} if self.strict is None else {"strict": self.strict}
        return json.dumps({"name": self.name, "schema": self.body, **strict}, ensure_ascii=False)


class ResponseFormat(Body):
    """OpenAI's `response_format`."""

    type: Literal["text", "json_schema"]
    json_schema: NamedSchema | None = None

    @model_validator(mode="after")
    def _has_a_schema(self) -> Self:
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("the type json_schema needs `json_schema`, with a name and a schema")
        return self

    @property
    def form(self) -> str | None:
        """As `service.answer.Sampling` takes it; None for a text."""
        return self.json_schema.form if self.type == "json_schema" and self.json_schema else None
