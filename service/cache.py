"""The seam to answers that were given before and may be given again; and no cache at all.

A cache is asked after the input rails and the rewriting: every question is screened, whether its answer
is known or not, and the record of a repeated answer holds what the rails found in *this* question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from guardrails.verdict import FAILED
from ingest.access import Principal
from service.answer import Answer, Ask


def _drop(_: Answer) -> None:
    """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one question's answer, as of one moment: what is there, and how to put one there."""

    answer: Answer | None = None
    keep: Callable[[Answer], None] = _drop


class AnswerCache(Protocol):
    """Answers by all that they depend on. Safe to use from several threads. Blocking: call it in a thread."""

    def slot(self, principal: Principal, ask: Ask, understood: str, model: str, policy: str) -> Slot:
        """The place of the answer of `model`, under the rails' `policy`, to the question of `ask`.

        `understood` is the question as the rails and the conversation left it. A slot without a place
        keeps nothing: see `service.cache_key.is_cacheable`.
        """
        ...


class NoCache:
    """Knows no answer and keeps none."""

    def slot(self, principal: Principal, ask: Ask, understood: str, model: str, policy: str) -> Slot:
        """A slot without a place."""
        del principal, ask, understood, model, policy
        return Slot()


NO_CACHE = NoCache()


def is_worth_keeping(answer: Answer) -> bool:
    """Whether an answer may be given again: it is whole, rests on documents, and no rail failed on its way.

    Not kept are answers that a rail cut or that ended at the limit of tokens; refusals, which may come
    from a fault that passes (a rail that failed took the passages out), are asked again as soon as somebody
    has added what was missing, and are short to make; and what cites nothing.
    """
    whole = answer.finish_reason == "stop" and not answer.refused and answer.repeats is None
    sound = all(decision.label != FAILED for decision in answer.decisions)
    return whole and sound and bool(answer.citations)
