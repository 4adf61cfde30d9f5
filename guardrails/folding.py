"""Texts without what hides a word: capitals, accents, look-alike and invisible letters, spacing."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

# Cyrillic and Greek letters that pass for Latin ones; they are the subject here.
_LOOKALIKES = str.maketrans("аеорсухіѕјԁոԛԝαονρτυικ", "aeopcyxisjdnqwaovptuik")
_LEET = str.maketrans("0134578@$l|!", "oieastbasiii")
_RUN = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W\d_]")
_LEETED = re.compile(r"[\w@$](?:[\w@$]|[|!](?=\w))*")
_SPACED = re.compile(r"(?<!\w)\w(?:[ .*]\w){3,}(?!\w)")
_BREAKS = frozenset("-_\u2010\u2011")  # hyphens
_INVISIBLE = frozenset({"Cf", "Mn"})


@dataclass(frozen=True, slots=True)
class Folding:
    """What is told apart: capitals (`case`), `accents`; whether what is `disguised` is undone."""

    case: bool = False
    accents: bool = False
    disguised: bool = True

    def fold(self, text: str) -> "Folded":
        """Fold a text. White space and hyphens become single spaces."""
        folded = Folded.of((place, self._letter(char)) for place, char in enumerate(text))
        return folded.undisguised() if self.disguised else folded

    def _letter(self, char: str) -> str:
        if char.isspace() or char in _BREAKS:
            return " "
        if char.isascii():
            return char if self.case else char.lower()
        if not self.accents:
            char = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        if self.disguised:
            char = "".join(c for c in char if unicodedata.category(c) not in _INVISIBLE).translate(
                _LOOKALIKES
            )
        return char if self.case else char.casefold().translate(_LOOKALIKES if self.disguised else {})


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its characters stood."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, letters: Iterable[tuple[int, str]]) -> Self:
        """From places and what became of the character there; runs of spaces become one."""
        kept: list[tuple[int, str]] = []
        for place, letter in letters:
            for char in letter:
                if char != " " or not kept or kept[-1][1] != " ":
                    kept.append((place, char))
        return cls("".join(char for _, char in kept), tuple(place for place, _ in kept))

    def undisguised(self) -> "Folded":
        """Without digits for letters, and without spaces between the letters of one word."""
        text = _RUN.sub(_unleeted, self.text)
        dropped = {at for match in _SPACED.finditer(text) for at in range(match.start() + 1, match.end(), 2)}
        kept = [
            (place, char)
            for at, (place, char) in enumerate(zip(self.places, text, strict=True))
            if at not in dropped
        ]
        return Folded("".join(char for _, char in kept), tuple(place for place, _ in kept))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text as it was that became `start` to `end`."""
        return self.places[start], self.places[end - 1] + 1


def _unleeted(run: re.Match[str]) -> str:
    """The run of characters with letters for the digits of words that a letter stands in or follows."""
    last = max((letter.start() for letter in _LETTER.finditer(run.group())), default=-1)

    def plain(word: re.Match[str]) -> str:
        return word.group().translate(_LEET) if word.start() <= last else word.group()

    return _LEETED.sub(plain, run.group())
