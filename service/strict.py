"""What all bodies that callers send have in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def sound(text: str) -> str:
    """The text itself. JSON can spell half a character, which no tokenizer, file or answer can hold.

    Raises:
        ValueError: there is one in it.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("half a surrogate pair is no character")
    return text


Text = Annotated[str, AfterValidator(sound)]


class Body(BaseModel):
    """What a caller sends, taken as it is: a number in quotes is no number, and an unknown field an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
