"""Where to look: what a question asks of the documents that it is answered from."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST, LONGEST_VALUE, LONGEST_PATH = 100, 200, 8_000


def _sound(text: str) -> str:
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds a NUL or half of a surrogate pair")
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("not a day such as 2026-03-31") from None


def _set(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


Value = Annotated[str, Field(min_length=1, max_length=LONGEST_VALUE), AfterValidator(_sound)]
# In JSON a list; as a key, the same values are the same whatever their order.
Values = Annotated[tuple[Value, ...], Field(max_length=MOST, strict=False), AfterValidator(_set)]
Day = Annotated[str, Field(max_length=20), AfterValidator(_day)]


class Where(BaseModel):
    """Conditions on a document, all of which have to hold; one that is left out asks for nothing.

    They only ever narrow: what a principal may not read stays out whatever is asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    labels: Values = Field((), description="It has any of these labels.")
    without_labels: Values = Field((), description="It has none of these labels.")
    languages: Values = Field((), description="It is tagged with any of these languages, such as `de`.")
    path: Annotated[str, Field(max_length=LONGEST_PATH), AfterValidator(_sound)] = Field(
        "", description="Its uri, or that of a folder, archive or e-mail that it lies in, at any depth."
    )
    since: Day | None = Field(None, description="It is dated, of this day (YYYY-MM-DD) or later.")
    until: Day | None = Field(None, description="It is dated, of this day or earlier.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("`since` is after `until`: no day is in between")
        return self

    @property
    def below(self) -> tuple[str, str]:
        """How the uris of what lies in `path` begin: in a folder, and in an archive or e-mail."""
        return f"{self.path.rstrip('/')}/", f"{self.path}!/"


EVERYWHERE = Where()
