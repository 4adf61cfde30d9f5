"""The quality of an adapter: ask → compare → figures with intervals.

It measures the model alone, without retrieval and rails.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.answers import exact_match, f1, without_markers
from eval.questions import Row
from eval.stats import Figure, figure
from service.answer import Sampling
from service.citations import numbers
from service.prompts import REFUSAL
from service.reading import Reader, Task

_MOST_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said to a row."""

    row: Row
    text: str

    @property
    def refused(self) -> bool:
        """Whether the model said that it doesn't know."""
        return self.text.strip().casefold().startswith(REFUSAL.casefold())

    @property
    def cites_gold(self) -> bool:
        """Whether every passage that the reply cites, at least one, is the one that holds the answer."""
        return set(numbers(self.text)) == {self.row.gold}


def ask_all(reader: Reader, rows: Sequence[Row], watch: Callable[[int], None]) -> list[Reply]:
    """Ask every row as the service would, likeliest tokens only; `watch` hears how many are done."""

    async def run() -> list[Reply]:
        replies = []
        for number, row in enumerate(rows, start=1):
            task = Task(row.question, row.passages, Sampling(max_tokens=_MOST_TOKENS))
            replies.append(Reply(row, (await reader.whole(task)).text))
            watch(number)
        return replies

    return asyncio.run(run())


def figures(replies: Sequence[Reply]) -> dict[str, Figure]:
    """The adapter's figures.

    A refusal of an answerable question counts as F1 0; citations are judged on the answers given.
    """
    of = {
        kind: [r for r in replies if r.row.kind == kind]
        for kind in ("answerable", "adversarial", "unrelated")
    }
    given = [reply for reply in of["answerable"] if not reply.refused]
    answers = [(without_markers(reply.text), reply.row.answers) for reply in of["answerable"]]
    return {
        "answer_f1": figure([f1(text, accepted) for text, accepted in answers]),
        "exact_match": figure([exact_match(text, accepted) for text, accepted in answers]),
        "wrongly_refused": figure([float(reply.refused) for reply in of["answerable"]]),
        "citation_right": figure([float(reply.cites_gold) for reply in given]),
        "refused_adversarial": figure([float(reply.refused) for reply in of["adversarial"]]),
        "refused_unrelated": figure([float(reply.refused) for reply in of["unrelated"]]),
        "answer_words": figure([float(len(text.split())) for text, _ in answers]),
    }
