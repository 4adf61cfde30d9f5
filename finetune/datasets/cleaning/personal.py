"""Secrets and personal data: taken out of passages and questions; what would be taught is dropped."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from finetune.datasets.readings import Shown
from guardrails.guard import Guard
from guardrails.verdict import Action, Stage

RAILS = frozenset({"secrets", "pii"})


class Personal:
    """Redacts what is shown and asked, and drops what would be learnt to say."""

    name = "personal data and secrets"

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._passed: dict[tuple[Stage, str], str | None] = {}

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        return [mended for example in tally.each(examples) if (mended := self._mended(example, tally))]

    def _mended(self, example: Example, tally: Tally) -> Example | None:
        """The example without personal data; None if its answer would be some."""
        passage = self._redacted(Stage.PASSAGE, example.passage)
        heading = self._redacted(Stage.PASSAGE, example.heading)
        question = self._redacted(Stage.INPUT, example.question)
        beside = [
            self._redacted(Stage.PASSAGE, text)
            for shown in example.beside
            for text in (shown.heading, shown.text)
        ]
        answer = example.answer
        if passage is None or heading is None or question is None or None in beside:
            tally.drop(example, "a rail could not judge it")
        elif answer is not None and self._says(answer):
            tally.drop(example, "in the answer")
        elif answer is not None and answer not in passage:
            tally.drop(example, "the answer is a part of some")
        else:
            mended = replace(example, heading=heading, article=self._title(example.article))
            return self._without(mended, passage, question, [text or "" for text in beside], tally)
        return None

    def _without(
        self, example: Example, passage: str, question: str, beside: Sequence[str], tally: Tally
    ) -> Example:
        if passage != example.passage:
            tally.change("taken out of the passage")
        if question != example.question:
            tally.change("taken out of the question")
        shown = tuple(Shown(*pair) for pair in zip(beside[::2], beside[1::2], strict=True))
        rejected = "" if self._says(example.rejected) else example.rejected
        return replace(example, passage=passage, question=question, beside=shown, rejected=rejected)

    def _title(self, article: str) -> str:
        """What the article is called, or another name for it that tells nothing."""
        if self._redacted(Stage.PASSAGE, article) == article:
            return article
        return hashlib.sha256(article.encode()).hexdigest()[:16]

    def _says(self, reply: str) -> bool:
        return self._redacted(Stage.OUTPUT, reply) != reply

    def _redacted(self, stage: Stage, text: str) -> str | None:
        """The text as the rails let it pass; None where a rail failed."""
        key = stage, text
        if key not in self._passed:
            verdict = self._guard.screen(stage, text, only=RAILS)
            self._passed[key] = None if verdict.action is Action.BLOCK else verdict.text
        return self._passed[key]
