"""Regular expressions beside the words that their matches cannot do without: looked for first, in no time."""

import re
from collections.abc import Iterator

# What IGNORECASE takes for these letters, and `lower` does not, or makes two letters of.
_CASES = tuple(zip("ſıİ\u212a", "siik", strict=True))


class Wording:
    """An expression. Each of `needs` lists words, one of which every match holds, in whatever case."""

    def __init__(self, pattern: str, *needs: str, flags: re.RegexFlag = re.IGNORECASE | re.MULTILINE) -> None:
        """`needs` are in small letters, words apart by `|`."""
        self.pattern = re.compile(pattern, flags)
        self._needs = tuple(tuple(need.split("|")) for need in needs)

    def search(self, text: str, small: str) -> re.Match[str] | None:
        """The first match in `text`; `small` is what `small` makes of it."""
        return self.pattern.search(text) if self._may_stand(small) else None

    def finditer(self, text: str, small: str) -> Iterator[re.Match[str]]:
        """All matches; as `search`."""
        return self.pattern.finditer(text) if self._may_stand(small) else iter(())

    def times(self, text: str, small: str) -> int:
        """How often it matches; as `search`."""
        return sum(1 for _ in self.finditer(text, small))

    def _may_stand(self, small: str) -> bool:
        for words in self._needs:
            for word in words:  # `any` of a generator takes twice as long
                if word in small:
                    break
            else:
                return False
        return True


def small(text: str) -> str:
    """`text` in small letters, as expressions see it that disregard case."""
    for letter, plain in () if text.isascii() else _CASES:
        text = text.replace(letter, plain)
    return text.lower()
