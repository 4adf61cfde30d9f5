"""The quality of an adapter: ask → score → figures with intervals.

It measures the model alone, without retrieval and rails.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.answers import exact_match, f1, without_markers
from eval.questions import Kind, Row
from eval.stats import Figure, figure
from service.answer import Sampling
from service.citations import numbers
from service.prompts import REFUSAL
from service.reading import Reader, Task

_MOST_TOKENS = 48
# Of these figures the smaller is the better one.
LOWER = frozenset({"wrongly_refused", "answer_words"})
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said to a row, and in how many milliseconds."""

    row: Row
    text: str
    ms: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether the model said that it doesn't know."""
        return self.text.strip().casefold().startswith(REFUSAL.casefold())

    @property
    def cites_gold(self) -> bool:
        """Whether every passage that the reply cites, at least one, is the one that holds the answer."""
        return set(numbers(self.text)) == {self.row.gold}


def ask(reader: Reader, row: Row) -> Reply:
    """Ask a row as the service would, likeliest tokens only."""
    return asyncio.run(_asked(reader, row))


def ask_all(reader: Reader, rows: Sequence[Row], watch: Callable[[int], None]) -> list[Reply]:
    """Ask every row, as `ask` does; `watch` hears how many are done."""

    async def run() -> list[Reply]:
        replies = []
        for number, row in enumerate(rows, start=1):
            replies.append(await _asked(reader, row))
            watch(number)
        return replies

    return asyncio.run(run())


async def _asked(reader: Reader, row: Row) -> Reply:
    began = time.perf_counter()
    piece = await reader.whole(Task(row.question, row.passages, Sampling(max_tokens=_MOST_TOKENS)))
    return Reply(row, piece.text, round(1_000 * (time.perf_counter() - began), 1))


def scores(replies: Sequence[Reply]) -> dict[str, Scores]:
    """The scores of each figure, by the ids of the rows that it is about.

    A refusal of an answerable question counts as F1 0; citations are judged on the answers given.
    """

    def of(kind: Kind) -> list[Reply]:
        return [reply for reply in replies if reply.row.kind == kind]

    answerable = of("answerable")
    return {
        "answer_f1": _scored(answerable, lambda r: f1(without_markers(r.text), r.row.answers)),
        "exact_match": _scored(answerable, lambda r: exact_match(without_markers(r.text), r.row.answers)),
        "wrongly_refused": _scored(answerable, lambda r: r.refused),
        "citation_right": _scored((r for r in answerable if not r.refused), lambda r: r.cites_gold),
        "refused_adversarial": _scored(of("adversarial"), lambda r: r.refused),
        "refused_unrelated": _scored(of("unrelated"), lambda r: r.refused),
        "answer_words": _scored(answerable, lambda r: len(without_markers(r.text).split())),
    }


def figures(replies: Sequence[Reply]) -> dict[str, Figure]:
    """The adapter's figures."""
    return {name: figure(list(of.values())) for name, of in scores(replies).items()}


def _scored(replies: Iterable[Reply], score: Callable[[Reply], float]) -> Scores:
    return {reply.row.id: float(score(reply)) for reply in replies}
