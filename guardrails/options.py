"""What the rails are told when they are built: a policy's part `rails`, one class a rail."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from guardrails.custom_options import Custom
from guardrails.entities import ENTITIES
from guardrails.language import Message
from guardrails.verdict import Action


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Topic(_Part):
    """A subject: described, best by naming its parts between commas, and shown by examples."""

    name: str
    description: str
    examples: tuple[str, ...] = Field(min_length=2)
    message: Message | None = None


class Topics(_Part):
    """The restricted topics, and `allowed` questions that lie near them and must pass.

    Where there are topics that `only` may be asked about, a question near to none of them is off-topic.
    """

    topics: tuple[Topic, ...] = ()
    allowed: tuple[str, ...] = ()
    only: tuple[Topic, ...] = ()


class Entity(_Part):
    """A kind of personal data: the least confidence that counts, and an action if not the rule's."""

    threshold: float = Field(0.5, ge=0, le=1)
    action: Action | None = None


def _entity(value: object) -> object:
    return {"threshold": value} if isinstance(value, int | float) else value


class Pii(_Part):
    """Presidio's entity names, each with the least confidence that counts or an `Entity`.

    `allow` holds texts to leave alone; `@example.com` allows every e-mail address of that domain.
    `regions` are the countries whose national phone numbers are known. `recognisers` is the entry point of
    more, such as a model for names: `package.module:factory` returns them, and they may find what they like.
    """

    recognisers: Annotated[str | None, Field(pattern=r"^[\w.]+:\w+$")] = None  # before what it allows
    entities: Mapping[str, Annotated[Entity, BeforeValidator(_entity)]] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    regions: tuple[str, ...] = ("US", "GB", "DE", "FR")

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The least confidence that counts, by entity."""
        return {name: entity.threshold for name, entity in self.entities.items()}

    @property
    def actions(self) -> Mapping[str, Action]:
        """The actions of the entities that have one of their own."""
        return {name: entity.action for name, entity in self.entities.items() if entity.action}

    @field_validator("entities")
    @classmethod
    def _known(cls, entities: Mapping[str, Entity], info: ValidationInfo) -> Mapping[str, Entity]:
        unknown = ", ".join(sorted(set(entities) - ENTITIES))
        if unknown and not info.data.get("recognisers"):
            raise ValueError(f"no recogniser for {unknown}; there are {', '.join(sorted(ENTITIES))}")
        return entities


class Leakage(_Part):
    """What becomes of an answer that rests on a document with one of these labels, such as `confidential`."""

    labels: Mapping[str, Action] = Field(default_factory=dict)

    @field_validator("labels")
    @classmethod
    def _whole(cls, labels: Mapping[str, Action]) -> Mapping[str, Action]:
        if not set(labels.values()) <= {Action.FLAG, Action.BLOCK}:
            raise ValueError("a label may flag or block an answer, and no less or part of it")
        return labels


class Options(_Part):
    """What the rails are told when they are built."""

    leakage: Leakage = Leakage()

    pii: Pii = Pii()
    topics: Topics = Topics()
    custom: tuple[Custom, ...] = ()

    @field_validator("custom")
    @classmethod
    def _told_apart(cls, custom: tuple[Custom, ...]) -> tuple[Custom, ...]:
        names = [entry.name for entry in custom]
        twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        if twice:
            raise ValueError(f"two entries are called {twice}; their findings could not be told apart")
        return custom
