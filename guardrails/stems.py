"""Words cut down to what their forms share. English endings and function words; no dictionary."""
# ruff: noqa: RUF001 texts have typographic apostrophes

import re

_CLITIC = re.compile(r"['’](?:s|re|ve|ll|d|m)$|['’]$")
_ENDING = re.compile(r"(?:ing|edly|ed|es|ly|s|e)$")
_Y_ENDING = re.compile(r"(?:ies|ied)$")
_STEMMED = 5  # letters; shorter words lose a plural s at most
_SHORTEST_PLURAL = 4

_DENYING = """
not no never none nobody nothing nowhere neither nor without cannot unable hardly nicht kein keine nie
"""
_FUNCTION = """
a an the and or but if of to in on at by for from with as is are was were be been being am it its this that
these those there here he she they them his her their you your we our us i my me do does did have has had will
would can could should may might must shall so than then too very also just about into over under up down out
off which who whom whose what when where why how all any each some such only own same s t yes
well oh okay actually yeah
"""
_DENYING_WORDS = frozenset(_DENYING.split())
_FUNCTION_WORDS = frozenset(_FUNCTION.split())
_UNITS = {
    "kg": "kilogram", "kilo": "kilogram", "kilos": "kilogram", "km": "kilometr",
    "kilometer": "kilometr", "kilometers": "kilometr", "kilometre": "kilometr", "kilometres": "kilometr",
    "cm": "centimetr", "mm": "millimetr",
    "meter": "metr", "meters": "metr", "metre": "metr", "metres": "metr",
    "hr": "hour", "hrs": "hour", "mins": "minut", "min": "minut", "secs": "second", "sec": "second",
    "ft": "feet", "lbs": "pound", "yr": "year", "yrs": "year", "percentage": "percent",
}  # fmt: skip


def denies(word: str) -> bool:
    """Whether a lower-case word denies."""
    return word in _DENYING_WORDS or word.endswith(("n't", "n’t"))


def stem(token: str) -> str:
    """The stem of a word; empty for function words and denials. Numbers stay as they are."""
    word = token.lower()
    if word[0].isdigit():
        return word
    word = _CLITIC.sub("", word)
    if word in _FUNCTION_WORDS or denies(word):
        return ""
    if word in _UNITS:
        return _UNITS[word]
    if len(word) >= _STEMMED:
        return _ENDING.sub("", _Y_ENDING.sub("y", word))
    return word[:-1] if len(word) >= _SHORTEST_PLURAL and word[-1] == "s" != word[-2] else word
