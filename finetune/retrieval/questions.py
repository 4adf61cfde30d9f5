"""Questions that documents give of themselves: to train on where nobody has asked yet.

Three rules: what stands above a passage is asked of it; a sentence that the templates of `eval.generator` can
turn into a question is; and a few of its rarest words, in their order, as people type them into a search box.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from eval.corpus import Source
from eval.generator.facts import facts
from eval.generator.words import names_in
from finetune.retrieval.parts import whole
from ingest.store import Point, embedded_text

_WORD = re.compile(r"[^\W_][\w'-]*")
_PATH = " > "  # between headings
_FEWEST, _MOST = 3, 7  # words of a search
_SHORTEST = 3  # letters of a word that tells something
_LEAST = 8  # words of a passage that can be asked about
_COMMON = 0.1  # words in more of the passages tell nothing


class Pair(NamedTuple):
    """A question and a passage that answers it, as it is embedded; `name` is its document's."""

    question: str
    passage: str
    name: str


def asked(points: Sequence[Point], searches: int, dice: random.Random) -> list[Pair]:
    """Pairs of all rules; `searches` of few words for each passage."""
    told = [point for point in points if len(_WORD.findall(point.chunk.text)) >= _LEAST]
    pairs = dict.fromkeys([*_headings(told), *_facts(told), *_searches(told, searches, dice)])
    answered: dict[str, set[str]] = {}
    for pair in pairs:
        answered.setdefault(pair.question, set()).add(whole(pair.name))
    # What stands above passages of two documents ("Goals") asks for none of them.
    return [pair for pair in pairs if len(answered[pair.question]) == 1]


def _headings(points: Iterable[Point]) -> Iterator[Pair]:
    """What stands above a passage, and the passage under it, as all passages are embedded.

    Without its heading it would be learnt that passages whose headings have the question's words are wrong:
    those that are found and wrong have theirs.
    """
    for point in points:
        path = (point.chunk.heading or point.title).split(_PATH)
        for above in dict.fromkeys([path[-1], " ".join(path[-2:])]):
            if len(_WORD.findall(above)) > 1:
                yield Pair(above, embedded_text(point), point.uri)


def _facts(points: Sequence[Point]) -> Iterator[Pair]:
    names = names_in(point.chunk.text for point in points)
    for point in points:
        source = Source(point.uri, point.title, point.chunk.text)
        for fact in facts(source, names):
            yield Pair(fact.question, embedded_text(point), point.uri)


def _searches(points: Sequence[Point], count: int, dice: random.Random) -> Iterator[Pair]:
    """Rare words are drawn more often."""
    found = [list(dict.fromkeys(map(str.lower, _WORD.findall(embedded_text(point))))) for point in points]
    seen = Counter(word for words in found for word in words)
    for point, words in zip(points, found, strict=True):
        telling = [
            word for word in words if len(word) >= _SHORTEST and seen[word] <= max(2, _COMMON * len(points))
        ]
        for _ in range(count if len(telling) >= _FEWEST else 0):
            size = min(len(telling), dice.randint(_FEWEST, _MOST))
            keys = {word: dice.random() ** (1 / math.log(1 + len(points) / seen[word])) for word in telling}
            drawn = sorted(telling, key=keys.__getitem__, reverse=True)[:size]
            yield Pair(" ".join(word for word in telling if word in drawn), embedded_text(point), point.uri)
