"""What custom rails are told: a policy's part `rails.custom`, an entry a rail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from guardrails.expressions import Expression
from guardrails.language import Message
from guardrails.verdict import FAILED, Action, Stage

KINDS = ("patterns", "words", "judge", "python")
"""The kinds of custom rails, cheap ones first."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _sound(pattern: str) -> str:
    Expression.of(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_sound)]
"""A regular expression, as the module `regex` reads it."""


def _terms(value: object) -> object:
    """The list with what stands in its file, so that a policy's version follows that as well."""
    if not isinstance(value, Mapping):
        return {"terms": value}
    file = value.get("file")
    return {**value, "terms": [*value.get("terms", ()), *_lines(Path(file))]} if file else value


class WordList(_Part):
    """Words and phrases, given here or in a file, one a line (`#` begins a comment); a list is its `terms`.

    Only whole words are found. Unless told otherwise, capitals and accents do not matter, regular endings
    (-s, -ed, -en ...) are found as well, and so is what is `disguised`: b0realis, b o r e a l i s, letters
    of other alphabets that look the same, invisible characters.
    """

    terms: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)
    file: Path | None = Field(None, exclude=True)
    case: bool = False
    accents: bool = False
    inflected: bool = True
    disguised: bool = True


def _lines(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"file cannot be read ({error.strerror}): {file}") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


class Judge(_Part):
    """A model behind an OpenAI-compatible endpoint, which is asked of every text.

    `violation` says in a sentence what it looks for, `categories` what its verdict may name. `key` is the
    name of the environment variable with the API key. Texts longer than `most` characters are asked about
    in parts.
    """

    url: str
    model: str
    violation: str
    categories: tuple[str, ...] = ("violation",)
    key: str | None = None
    timeout: float = Field(10, gt=0)
    most: int = Field(4_000, ge=200)


def _factory(value: object) -> object:
    return {"factory": value} if isinstance(value, str) else value


class Code(_Part):
    """A rail of your own: `package.module:factory` is called with `options` and returns a `Rail`."""

    factory: str = Field(pattern=r"^[\w.]+:\w+$")
    options: Mapping[str, Any] = Field(default_factory=dict)


class Custom(_Part):
    """One custom rail: its name, which findings carry as their label, and one of `KINDS`.

    What else it says goes before what the stage's rule for `custom` says. `stages` are all that have such a
    rule, unless named. `score` is how sure a match of `patterns` or `words` is.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")
    patterns: tuple[Pattern, ...] | None = Field(None, min_length=1)
    words: Annotated[WordList, BeforeValidator(_terms)] | None = None
    judge: Judge | None = None
    python: Annotated[Code, BeforeValidator(_factory)] | None = None
    score: float = Field(1.0, ge=0, le=1)
    stages: frozenset[Stage] = frozenset()
    action: Action | None = None
    threshold: float | None = Field(None, ge=0, le=1)
    replacement: str | None = None
    message: Message | None = None

    @property
    def kind(self) -> str:
        """Which of `KINDS` it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"give exactly one of {', '.join(KINDS)}")
        if self.name == FAILED:
            raise ValueError(f"{FAILED} is what rails that broke down are called; choose another name")
        return self
