"""Policies from YAML: which rails run at which stage, with which thresholds, actions and messages.

A policy is data. It knows the names of rails and what is asked of them, and nothing of how they work.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from guardrails.errors import PolicyError
from guardrails.verdict import FAILED, Action, Finding, Stage

DEFAULT_POLICY = Path(__file__).parent / "policies" / "default.yaml"

Probability = Annotated[float, Field(ge=0, le=1)]
ENTITIES = frozenset(
    {"EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "CRYPTO"}
)
"""What the rail `pii` can find."""

RailName = Literal["pii", "secrets", "injection", "topics", "grounding"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """What one rail may do at one stage: findings scored below `threshold` are dropped."""

    action: Action
    threshold: Probability = 0.5
    message: str | None = None
    fail: Literal["closed", "open"] = "closed"


class Topic(_Part):
    """A subject that must not be discussed: described, and shown by examples."""

    name: str
    description: str
    examples: tuple[str, ...] = Field(min_length=2)
    message: str | None = None


class Topics(_Part):
    """The restricted topics, and `allowed` questions that lie near them and must pass."""

    topics: tuple[Topic, ...] = ()
    allowed: tuple[str, ...] = ()


class Pii(_Part):
    """Presidio's entity names with the least confidence that counts.

    `allow` holds texts to leave alone; `@example.com` allows every e-mail address of that domain.
    `regions` are the countries whose national phone numbers are known.
    """

    entities: Mapping[str, Probability] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    regions: tuple[str, ...] = ("US", "GB", "DE", "FR")

    @field_validator("entities")
    @classmethod
    def _known(cls, entities: Mapping[str, float]) -> Mapping[str, float]:
        unknown = ", ".join(sorted(set(entities) - ENTITIES))
        if unknown:
            raise ValueError(f"no recogniser for {unknown}; there are {', '.join(sorted(ENTITIES))}")
        return entities


class Options(_Part):
    """What the rails are told when they are built."""

    pii: Pii = Pii()
    topics: Topics = Topics()


class Policy(_Part):
    """A named set of rules. Two policies with the same `version` decide alike."""

    name: str
    message: str
    stages: Mapping[Stage, Mapping[RailName, Rule]]
    rails: Options = Options()

    @property
    def version(self) -> str:
        """Name and content hash, such as `default-1f0a9c3b2d4e`: for cache keys and audit records."""
        return f"{self.name}-{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]}"

    def rules(self, stage: Stage) -> Mapping[str, Rule]:
        """The rules of one stage, by rail; empty when the policy asks for nothing there."""
        return {str(rail): rule for rail, rule in self.stages.get(stage, {}).items()}

    def message_for(self, stage: Stage, finding: Finding) -> str:
        """What the reader is told when `finding` blocks: the topic's message, the rule's, the policy's."""
        if finding.label == FAILED:
            return self.message
        told = {topic.name: topic.message for topic in self.rails.topics.topics}
        rule = self.rules(stage).get(finding.rail)
        return told.get(finding.label) or (rule and rule.message) or self.message

    @model_validator(mode="after")
    def _grounding_needs_an_answer(self) -> Self:
        for stage, rules in self.stages.items():
            if "grounding" in rules and stage is not Stage.OUTPUT:
                raise ValueError(f"stages.{stage}.grounding: only stage output has a context to compare with")
        return self


def load_policy(file: Path = DEFAULT_POLICY) -> Policy:
    """Read and validate a policy.

    Raises:
        PolicyError: the file cannot be read, is no YAML, or breaks the schema.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Policy.model_validate(content)
    except OSError as error:
        raise PolicyError(
            f"{file}: cannot be read ({error.strerror}). Name an existing policy file."
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file}: is not UTF-8. Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{file}: is not valid YAML: {_place(error)}") from error
    except ValidationError as error:
        raise PolicyError("\n".join(_complaints(file, error))) from error


def _place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}. Mend that line."
    return f"{error}. Mend it."


def _complaints(file: Path, error: ValidationError) -> list[str]:
    remedies = {
        "extra_forbidden": "Remove it or correct its spelling.",
        "missing": "Add it.",
        "enum": "Use one of the values listed.",
        "literal_error": "Use one of the values listed.",
    }
    complaints = []
    for fault in error.errors():
        field = ".".join(str(part) for part in fault["loc"] if part != "[key]") or "policy"
        remedy = remedies.get(fault["type"], "Correct the value.")
        complaints.append(f"{file}: {field}: {fault['msg']}. {remedy}")
    return complaints
