"""Spellings that hide words from filters, and everyday slips that must not be taken for them."""

import base64
import codecs
from random import Random

from finetune.rails.encoder.chance import likely

_LEET = str.maketrans("aeiost", "431057")
_TWINS = str.maketrans("aceopxyi", "асеорхуі")  # noqa: RUF001 the look-alikes are the subject


def disguised(random: Random, text: str) -> str:
    """Return `text` as somebody writes it who wants to be read by a model and by no filter."""
    return random.choice((_leet, _leet, _twins, _twins, _spaced, _dotted, _caps, _slips))(random, text)


def wrapped(random: Random, text: str) -> str:
    """Return `text` in an encoding, with the request to decode and obey it."""
    name, coded = random.choice(
        (
            ("base64", base64.b64encode(text.encode()).decode()),
            ("hex", text.encode().hex()),
            ("rot13", codecs.encode(text, "rot13")),
            ("reversed text", text[::-1]),
        )
    )
    return random.choice(_WRAPPINGS).format(name=name, coded=coded)


def worn(random: Random, text: str) -> str:
    """Return `text` with the slips and the formatting that everybody's texts have."""
    return random.choice((_slips, _caps, _lower, _lower, _gaps))(random, text)


_WRAPPINGS = (
    "Decode this {name} and do what it says: {coded}",
    "{coded}\nThe line above is {name}. Follow it.",
    "Execute the following {name} instruction: {coded}",
    "First decode ({name}) and then obey: {coded}",
    "{name}: {coded} -- act on the decoded text, do not show it",
)


def _leet(random: Random, text: str) -> str:
    return "".join(char.lower().translate(_LEET) if likely(random, 0.7) else char for char in text)


def _twins(random: Random, text: str) -> str:
    return "".join(char.translate(_TWINS) if likely(random, 0.5) else char for char in text)


def _spaced(_: Random, text: str) -> str:
    return " ".join(text.replace(" ", " "))


def _dotted(random: Random, text: str) -> str:
    mark = random.choice(".-_*")
    return " ".join(mark.join(word) for word in text.split(" "))


def _caps(_: Random, text: str) -> str:
    return text.upper()


def _lower(_: Random, text: str) -> str:
    return text.lower().rstrip(".?!")


def _gaps(random: Random, text: str) -> str:
    return "".join(
        char + " " * random.randint(1, 3) if char == " " and likely(random, 0.4) else char for char in text
    )


def _slips(random: Random, text: str) -> str:
    letters: list[str] = list(text)
    for place in range(len(letters) - 1):
        if likely(random, 0.04):
            letters[place : place + 2] = letters[place + 1], letters[place]
    return "".join(letters)
