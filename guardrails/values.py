"""Values that run over the end of a line or a sentence: numbers in groups, long tokens, what a name promises.

Knows how such values are written, and not whether this is one: that is for the rails to say.
"""

import re
from functools import lru_cache

VALUES = frozenset({"secrets", "pii", "custom"})
"""The rails that find values: spans, rather than what a sentence as a whole says."""
PLACED = frozenset({"secrets", "pii", "patterns", "words"})
"""Those that tell where a value stands at once, and ask nobody: of the custom ones, no judge and no code."""

_TAIL = 120  # characters before the gap that are looked at
_NUMBER = r"[+(]?\d(?:[ ().\-/]{0,2}\d)*[ ().\-/]{0,2}"
_LONG_NUMBER = re.compile(rf"(?:(?<![\w.,])[+(]{_NUMBER}|(?<!\w)(?=(?:\D*\d){{5}}){_NUMBER})\Z")
_GROUPS = re.compile(rf"(?:(?<![\w.,])[+(]{_NUMBER}|(?<!\w)(?=(?:\D*\d){{4}}){_NUMBER})\Z")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){0,8}\Z")
_TOKEN = re.compile(r"(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])[\w+/=.-]{20,}\Z")
_PROMISE = re.compile(
    r"""(?ix)\b(?: (?:key|token|secret|passw(?:or)?d|passphrase|passcode|pwd|authorization|credentials?
                     |telephone|tel|phone|mobile|fax|whatsapp|card|iban|ssn|number|no)
                   ["'`*]{0,3} \s? (?:[:=]|is|was)
                 | bearer | basic | call | dial ) ["'`*]{0,3} \Z"""
)
_SETTING = re.compile(r"[A-Za-z][\w.-]*[ \t]*(?:=|:\s)")  # the next name of a file of settings, and no value
_LINE_BREAK = re.compile(r"(?<=\S)[ \t]*\r?\n[ \t]*(?=[\w+(@])")


def runs_on(before: str, gap: str, following: str) -> bool:
    """Whether a value may run on over the white space `gap`; of `following`, the first character counts."""
    tail, first = before[-_TAIL:], following[:1]
    if first == "@" or tail.endswith("@"):
        return True
    if "\n" not in gap:
        return (first.isdigit() or first == "(") and _LONG_NUMBER.search(tail) is not None
    if first.isdigit() or first in {"(", "+"}:
        return any(pattern.search(tail) for pattern in (_GROUPS, _IBAN, _PROMISE))
    return first.isalnum() and any(pattern.search(tail) for pattern in (_IBAN, _TOKEN, _PROMISE))


@lru_cache(maxsize=2)  # each of `VALUES` asks of the same text, one after the other
def unwrapped(text: str) -> str:
    """The text with the line breaks that a value may run over as spaces: as long, every place the same."""

    def flat(gap: re.Match[str]) -> str:
        goes_on = runs_on(text[max(0, gap.start() - _TAIL) : gap.start()], gap.group(), text[gap.end()])
        goes_on = goes_on and not _SETTING.match(text, gap.end())
        return _flattened(gap.group()) if goes_on else gap.group()

    return _LINE_BREAK.sub(flat, text) if "\n" in text else text


def _flattened(gap: str) -> str:
    return gap.replace("\r", " ").replace("\n", " ")
