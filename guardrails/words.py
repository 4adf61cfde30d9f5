"""A text taken apart for comparison: what each word says, and whether it is a number, a name or a denial."""
# ruff: noqa: RUF001 texts have typographic apostrophes

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from guardrails.numerals import plain
from guardrails.opposites import MARKS
from guardrails.stems import denies, stem

DENIAL = "¬"
"""Stands for any denying word."""

_TOKEN = re.compile(r"month\d+|\d+h\d\d|\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?|[^\W\d_]+(?:['’][^\W\d_]+)?")


class Kind(Enum):
    """What a word counts as. A mark has no content of its own, but an opposite."""

    WORD = "word"
    NUMBER = "number"
    NAME = "name"
    DENIAL = "denial"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Word:
    """A word by what it says. `cased`: written with a capital, even where a sentence begins."""

    stem: str
    kind: Kind
    cased: bool = False

    @property
    def content(self) -> bool:
        """Whether it says something by itself."""
        return self.kind not in {Kind.DENIAL, Kind.MARK}


@dataclass(frozen=True)
class Words:
    """One sentence taken apart, in order, without words that say nothing."""

    text: str

    @cached_property
    def sequence(self) -> tuple[Word, ...]:
        """Every word that says something."""
        tokens = _TOKEN.findall(plain(" ".join(self.text.split())))
        found = (_word(token, first=place == 0) for place, token in enumerate(tokens))
        return tuple(word for word in found if word is not None)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words without denials and marks."""
        return tuple(word for word in self.sequence if word.content)


def _word(token: str, *, first: bool) -> Word | None:
    lower = token.lower()
    if lower == "one":
        return Word("1", Kind.WORD)
    if token[0].isdigit() or token[-1].isdigit():
        return Word(lower, Kind.NUMBER)
    if denies(lower):
        # "Without" is as good as "with no".
        return Word(DENIAL, Kind.DENIAL)
    if lower in MARKS:
        return Word(lower, Kind.MARK)
    found = stem(token)
    if not found:
        return None
    named = (token[0].isupper() and not first) or any(letter.isupper() for letter in token[1:])
    return Word(found, Kind.NAME if named else Kind.WORD, token[0].isupper())
