r"""Regular expressions that others write: compiled, and matched within a limit of time.

The only module that imports `regex`: Python's `re` cannot be interrupted, so that `(a+)+$` on a long word
would hold a server for hours. RE2 needs no limit, but knows neither look-around nor letters beyond ASCII in
`\w` and `\b`, and cannot tell whether a text ends amid a match, which a stream has to know.
"""

from collections.abc import Sequence
from typing import Self

import regex

from guardrails.errors import RailError

LIMIT = 0.25
"""Seconds of processor time for one search. It is looked at now and then: a search may take a second more."""


class Expression:
    """One expression. Other threads go on while it searches."""

    def __init__(self, compiled: "regex.Pattern[str]") -> None:
        self._compiled = compiled

    @classmethod
    def of(cls, written: str, *, case: bool = True) -> Self:
        """Compile. Raises `ValueError`, which says what is wrong with it and where."""
        try:
            return cls(regex.compile(written, 0 if case else regex.IGNORECASE))
        except regex.error as error:
            raise ValueError(f"is no regular expression: {error}") from error

    @classmethod
    def of_words(cls, words: Sequence[str], ending: str) -> Self:
        """Any of `words` as a whole, with one of the endings (an expression) or none."""
        return cls(regex.compile(rf"(?<!\w)\L<words>{ending}(?!\w)", words=list(words)))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it matches; matches of nothing are none. Raises `RailError` if it takes too long."""
        try:
            found = self._compiled.finditer(text, timeout=LIMIT, concurrent=True)
            return [match.span() for match in found if match.end() > match.start()]
        except TimeoutError as error:
            raise RailError("an expression takes too long: write it without nested repetitions") from error

    def unfinished(self, text: str) -> bool:
        """Whether a match may have begun that more text would complete. Raises as `spans`."""
        try:
            found = self._compiled.finditer(text, timeout=LIMIT, concurrent=True, partial=True)
            return any(match.partial and match.end() > match.start() for match in found)
        except TimeoutError as error:
            raise RailError("an expression takes too long: write it without nested repetitions") from error
