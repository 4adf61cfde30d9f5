"""When a text says what another has said already."""

import re

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d")
ALIKE = 0.8  # share of common words from which two passages count as the same


def repeats(text: str, other: str) -> bool:
    """Whether `text` says nothing beyond `other`: its words stand there, or nearly all, and every number."""
    words, others = _WORD.findall(text.lower()), _WORD.findall(other.lower())
    if f" {' '.join(words)} " in f" {' '.join(others)} ":
        return True
    left, right = set(words), set(others)
    # Last year's price list differs from this year's in its numbers alone.
    numbers = {word for word in left if _NUMBER.search(word)}
    return numbers <= right and len(left & right) >= ALIKE * max(1, len(left | right))
