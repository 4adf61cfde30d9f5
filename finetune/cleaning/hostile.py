"""Injections and hurtful words: not to be asked, and least of all to be learnt as an answer."""

from collections.abc import Sequence
from dataclasses import replace

from finetune.cleaning.step import Tally
from finetune.examples import Example
from guardrails.guard import Guard
from guardrails.verdict import Stage, Verdict


class Hostile:
    """Drops examples whose question or answer a rail objects to; one rail an object."""

    def __init__(self, guard: Guard, rail: str) -> None:
        """`rail`: `injection` or `toxicity`."""
        self.name = rail
        self._guard = guard
        self._judged: dict[tuple[Stage, str], bool] = {}

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        kept = []
        for example in tally.each(examples):
            if example.answer and self._bad(Stage.OUTPUT, example.answer):
                tally.drop(example, "in the answer")
            elif self._bad(Stage.INPUT, example.question):
                tally.drop(example, "in the question")
            elif example.rejected and self._bad(Stage.OUTPUT, example.rejected):
                tally.change("a rejected reply left out")
                kept.append(replace(example, rejected=""))
            else:
                kept.append(example)
        return kept

    def _bad(self, stage: Stage, text: str) -> bool:
        key = stage, text
        if key not in self._judged:
            verdict: Verdict = self._guard.screen(stage, text, only={self.name})
            self._judged[key] = verdict.blocked
        return self._judged[key]
