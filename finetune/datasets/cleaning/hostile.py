"""Injections and hurtful words: not to be asked, and least of all to be learnt as an answer."""

from collections.abc import Sequence
from dataclasses import replace

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from guardrails.guard import Guard
from guardrails.verdict import Stage

INJECTION = "injection"
RAILS = frozenset({INJECTION, "toxicity"})


class Hostile:
    """Drops examples whose question or answer a rail objects to.

    They are judged together, as an exchange: of an answer of one word alone the rails know nothing.
    """

    name = "injection and toxicity"

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`. A file in which injections are found is not to be trusted."""
        kept = []
        for example in tally.each(examples):
            rail = self._objects(_said(example.question, example.answer))
            if rail:
                place = "question" if self._objects(example.question) else "answer"
                tally.drop(example, f"{rail} in the {place}", grave=rail == INJECTION)
            elif example.rejected and self._objects(_said(example.question, example.rejected)):
                tally.change("a rejected reply left out")
                kept.append(replace(example, rejected=""))
            else:
                kept.append(example)
        return kept

    def _objects(self, text: str) -> str:
        """The rail that blocks a text; empty if none does."""
        verdict = self._guard.screen(Stage.OUTPUT, text, only=RAILS)
        return verdict.acting[0].rail if verdict.blocked else ""


def _said(question: str, answer: str | None) -> str:
    return f"{question}\n{answer}" if answer else question
