"""The passages that a search found, put into a better order by whoever reads them beside the question.

What is read are passages that the search gave for a principal: nothing else is looked up.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ingest.documents import Passage
from ingest.store import Vectors

Look = Callable[[int], list[Passage]]
# Passages that are read for a question: more cost more, and the right one is seldom farther behind.
DEPTH = 20


class Reranker(Protocol):
    """Judges passages by a question. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Which model this is: the same name always means the same weights."""
        ...

    @property
    def weight(self) -> float:
        """How much a judgement of 1 adds to what a search gave a passage: so many times as much again."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """How likely each text answers the question: (len(texts),) float32 in [0, 1]."""
        ...


class Order(Protocol):
    """Finds the best passages for a question."""

    def best(self, question: str, k: int, look: Look) -> list[Passage]:
        """The `k` best of what `look` finds, which is told how many to look for; best first."""
        ...


class AsFound:
    """The order of the search."""

    def best(self, question: str, k: int, look: Look) -> list[Passage]:  # noqa: ARG002  # the protocol's
        """As `Order.best`."""
        return look(k)


AS_FOUND = AsFound()


class Reranked:
    """The order of the search, corrected by a reranker where it counts: among the first passages."""

    def __init__(self, reranker: Reranker, depth: int = DEPTH) -> None:
        self._reranker, self._depth = reranker, depth

    def best(self, question: str, k: int, look: Look) -> list[Passage]:
        """As `Order.best`. Those that nobody reads stay behind the others, in their order."""
        found = look(max(k, self._depth))
        read, rest = found[: self._depth], found[self._depth :]
        scores = self._reranker.scores(question, [shown(passage) for passage in read]) if read else ()
        judged = [self._judged(passage, float(score)) for passage, score in zip(read, scores, strict=True)]
        return [*sorted(judged, key=lambda passage: -passage.score), *rest][:k]

    def _judged(self, passage: Passage, score: float) -> Passage:
        """A part of the search's score, not a sum: what is demoted to half stays at half of what it would be.

        No score gets less, so that none falls behind a passage that was not read.
        """
        gain = abs(passage.score) * self._reranker.weight * score
        return replace(passage, score=passage.score + gain)


def shown(passage: Passage) -> str:
    """What a reranker reads of a passage, as the embedder does: its headings or title, then its text."""
    return f"{passage.heading or passage.title}\n{passage.text}"
