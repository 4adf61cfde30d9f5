"""What becomes of documents whose day is over, or that another one took the place of: by policy, as of today.

They stay in the index and in every listing, with their state. Nothing is synced anew for a day that passes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ingest.documents import Passage
from ingest.store import NOTHING_PAST, Past, Question

# What is left of the score of a passage that is to stand behind others.
DEMOTED = 0.5


class Treatment(StrEnum):
    """What search does with such a document."""

    HIDE = "hide"
    DEMOTE = "demote"
    SHOW = "show"


class State(StrEnum):
    """What a document is."""

    CURRENT = "current"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


def state(expires: str | None, superseded: bool, today: date) -> State:  # a document's two facts
    """That of a document. The day that it expires on is the last one that it holds for."""
    if expires is not None and expires < today.isoformat():
        return State.EXPIRED
    return State.SUPERSEDED if superseded else State.CURRENT


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The policy, and what day it is."""

    expired: Treatment = Treatment.HIDE
    superseded: Treatment = Treatment.DEMOTE
    today: Callable[[], date] = date.today

    def search(self, question: Question, look: Callable[[Question], list[Passage]]) -> list[Passage]:
        """The passages that `look` finds for `question`, as the policy has it today."""
        question = replace(question, past=self.past())
        found = look(question)
        if not self._concerns(found):
            return found
        # Others may come before those that are demoted.
        return self.ordered(look(replace(question, k=2 * question.k)))[: question.k]

    def past(self) -> Past:
        """What a search leaves out today."""
        if Treatment.HIDE not in {self.expired, self.superseded}:
            return NOTHING_PAST
        day = self.today().isoformat() if self.expired is Treatment.HIDE else None
        return Past(day, superseded=self.superseded is Treatment.HIDE)

    def ordered(self, passages: Sequence[Passage]) -> list[Passage]:
        """The best first: a passage that is to stand behind others counts half of what it would."""
        today = self.today()
        scored = [_demoted(each) if self._is_demoted(each, today) else each for each in passages]
        return sorted(scored, key=lambda passage: -passage.score)

    def generation(self) -> str:
        """Changes when what is found may change by the day alone."""
        return "" if self.expired is Treatment.SHOW else self.today().isoformat()

    def _concerns(self, passages: Sequence[Passage]) -> bool:
        today = self.today()
        return any(self._is_demoted(each, today) for each in passages)

    def _is_demoted(self, passage: Passage, today: date) -> bool:
        treatments = {State.EXPIRED: self.expired, State.SUPERSEDED: self.superseded}
        found = state(passage.expires, passage.superseded, today)
        return treatments.get(found) is Treatment.DEMOTE or (
            passage.superseded and self.superseded is Treatment.DEMOTE
        )


def _demoted(passage: Passage) -> Passage:
    # A cosine may be negative: then half of it would be more.
    return replace(passage, score=passage.score - abs(passage.score) * (1 - DEMOTED))
