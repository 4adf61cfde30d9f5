"""A text taken apart for comparison: stems, numbers, names, denials. English endings; no dictionary."""
# ruff: noqa: RUF001 texts have typographic apostrophes

import re
from dataclasses import dataclass
from functools import cached_property

DENIAL = "¬"
"""Stands for any denying word in `Words.sequence`."""

_WORD = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_CLITIC = re.compile(r"['’](?:s|re|ve|ll|d|m)$")
_ENDING = re.compile(r"(?:ing|edly|ed|es|ly|s|e)$")
_Y_ENDING = re.compile(r"(?:ies|ied)$")
_STEMMED = 5  # letters; shorter words lose a plural s at most
_SHORTEST_PLURAL = 4

_DENYING = """not no never none nobody nothing neither nor without cannot unable nicht kein keine nie"""
_FUNCTION = """
a an the and or but if of to in on at by for from with as is are was were be been being am it its this that
these those there here he she they them his her their you your we our us i my me do does did have has had will
would can could should may might must shall so than then too very also just about into over under up down out
off which who whom whose what when where why how all any each some such only own same s t yes
"""
_DIGITS = """
zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 thirteen 13
fourteen 14 fifteen 15 sixteen 16 seventeen 17 eighteen 18 nineteen 19 twenty 20 thirty 30 forty 40 fifty 50
sixty 60 seventy 70 eighty 80 ninety 90 hundred 100
"""
_DENYING_WORDS = frozenset(_DENYING.split())
_FUNCTION_WORDS = frozenset(_FUNCTION.split())
_NUMBER_WORDS = dict(zip(_DIGITS.split()[::2], _DIGITS.split()[1::2], strict=True))


@dataclass(frozen=True)
class Words:
    """A text taken apart. Every number is written as plain digits: "1,200" is 1200 and "five" is 5."""

    text: str

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The words and numbers as written."""
        return tuple(_WORD.findall(self.text))

    @cached_property
    def sequence(self) -> tuple[str, ...]:
        """The stems with `DENIAL` among them: a copy keeps it, an inserted "not" breaks it."""
        marked = (DENIAL if _denies(token.lower()) else stem(token) for token in self.tokens)
        return tuple(part for part in marked if part)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Content words without endings, and numbers."""
        return tuple(part for part in self.sequence if part != DENIAL)

    @cached_property
    def stem_set(self) -> frozenset[str]:
        """The distinct stems."""
        return frozenset(self.stems)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number."""
        return frozenset(part for part in self.stems if part[0].isdigit())

    @cached_property
    def names(self) -> frozenset[str]:
        """Stems of capitalised words that do not begin the text, and of words with capitals inside."""
        return frozenset(
            stem(token) for place, token in enumerate(self.tokens) if _is_name(token, first=place == 0)
        )

    @cached_property
    def negated(self) -> bool:
        """Whether it denies something."""
        return DENIAL in self.sequence


def stem(token: str) -> str:
    """Cut a word down to what its forms share; empty for function words and denials."""
    word = token.lower()
    if word[0].isdigit():
        return _THOUSANDS.sub("", word).removesuffix(".00").removesuffix(".0")
    word = _CLITIC.sub("", word)
    if word in _FUNCTION_WORDS or _denies(word):
        return ""
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    if len(word) >= _STEMMED:
        return _ENDING.sub("", _Y_ENDING.sub("y", word))
    return word[:-1] if len(word) >= _SHORTEST_PLURAL and word[-1] == "s" != word[-2] else word


def _denies(word: str) -> bool:
    return word in _DENYING_WORDS or word.endswith(("n't", "n’t"))


def _is_name(token: str, *, first: bool) -> bool:
    if not token[0].isalpha() or not stem(token):
        return False
    return (token[0].isupper() and not first) or any(letter.isupper() for letter in token[1:])
