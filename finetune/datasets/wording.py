"""A text as its words alone: the same for texts that differ in case, marks and spaces only."""

import re
import unicodedata

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, in order, without case and accents of width or form (NFKC)."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def plain(text: str) -> str:
    """The words between single spaces."""
    return " ".join(words(text))
