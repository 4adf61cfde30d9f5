"""Questions with one ordinary word exchanged for another that fits where it stands.

"What is the average salinity of ocean water?" becomes "... average temperature of ...": it reads as well, and
the passage does not answer it. What fits is learnt from the sources themselves: a word that somewhere follows
the same word before it, and somewhere precedes the same word after it, with the same ending.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

_TOKEN = re.compile(r"[^\W\d_]+(?:'\w+)?|\d+|[?.,;:]")
_ENDINGS = ("ing", "ed", "ly", "s", "est", "er", "ion", "al")
_COMMON = 150  # so many of the most frequent words are grammar, not content
_SHORTEST = 4
_RARE = 5  # words seen less often are mostly misspelt
_STEM = 5  # letters that tell inflections of one word from different words
_FEWEST = 3  # a place that so few words fit is an idiom: an exchange would read wrong


class Neighbours:
    """Which words stand beside which, in a set of texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._after: dict[str, set[str]] = defaultdict(set)
        self._before: dict[str, set[str]] = defaultdict(set)
        seen: Counter[str] = Counter()
        for text in texts:
            found = [token.lower() for token in _TOKEN.findall(text)]
            seen.update(found)
            for left, right in pairwise(found):
                self._after[left].add(right)
                self._before[right].add(left)
        common = {word for word, _ in seen.most_common(_COMMON)}
        self._content = {
            word
            for word, count in seen.items()
            if count >= _RARE and len(word) >= _SHORTEST and word.isalpha() and word not in common
        }

    def substituted(
        self, question: str, text: str, preferred: Collection[str], dice: random.Random
    ) -> str | None:
        """`question` with one of its words that stand in `text` exchanged for one that `text` lacks.

        Words among `preferred` come first. None when nothing fits.
        """
        stems = {token.lower()[:_STEM] for token in _TOKEN.findall(text)}
        found = list(_TOKEN.finditer(question))
        made = []
        for before, match, after in zip(found, found[1:], [*found[2:], None], strict=False):
            fitting = self._fitting(before.group(), match.group(), after.group() if after else "?", stems)
            if len(fitting) >= _FEWEST:
                new = dice.choice([word for word in fitting if word in preferred] or fitting)
                made.append(question[: match.start()] + new + question[match.end() :])
        return dice.choice(made) if made else None

    def _fitting(self, left: str, word: str, right: str, stems: Collection[str]) -> list[str]:
        """The words that may stand for `word`, in a fixed order."""
        if not word.islower() or word not in self._content or word[:_STEM] not in stems:
            return []
        between = self._after[left.lower()] & self._before[right.lower()] & self._content
        ending = _ending(word)
        return sorted(other for other in between if _ending(other) == ending and other[:_STEM] not in stems)


def _ending(word: str) -> str:
    return next((ending for ending in _ENDINGS if word.endswith(ending)), "")
