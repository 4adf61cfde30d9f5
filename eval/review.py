"""A person goes through the rows that nobody has reviewed: accept, edit, reject, skip, quit.

The file is written after every decision, so that a review may end at any moment and go on where it ended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from eval.dataset import Question, read_dataset, write_dataset
from eval.evidence import Documents, stands

Choice = Literal["accept", "edit", "reject", "skip", "quit"]
_AROUND = 160  # characters shown on either side of the evidence


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence as a reader sees it: the words, and what stands around them. `stale`: they have changed."""

    uri: str
    before: str
    words: str
    after: str
    stale: bool = False


class Desk(Protocol):
    """Where the person sits."""

    def decide(self, question: Question, evidence: Sequence[Shown], left: int) -> Choice:
        """Show a row and ask what becomes of it. `left`: rows that wait, this one included."""
        ...

    def edit(self, question: Question) -> Question:
        """The row with another question, or other answers."""
        ...


def review(path: Path, desk: Desk, documents: Documents) -> Mapping[str, int]:
    """Go through the unreviewed rows of a dataset; returns how often each choice was made.

    Raises:
        BadQuestions: the dataset cannot be read.
    """
    rows = {question.id: question for question in read_dataset(path)}
    waiting = [question for question in rows.values() if not question.reviewed]
    made: Counter[str] = Counter()
    for place, question in enumerate(waiting):
        choice = desk.decide(question, shown(question, documents), len(waiting) - place)
        made[choice] += 1
        if choice == "quit":
            break
        if choice == "skip":
            continue
        if choice == "reject":
            del rows[question.id]
        else:
            kept = desk.edit(question) if choice == "edit" else question
            rows[question.id] = kept.model_copy(update={"reviewed": True})
        write_dataset(path, rows.values())
    return made


def shown(question: Question, documents: Documents) -> list[Shown]:
    """The evidence of a row as it stands in the documents now."""
    found = []
    for one in question.evidence:
        text = documents.text(question.tenant, one.uri)
        if text is None:
            found.append(Shown(one.uri, "", "", "", stale=True))
            continue
        before, after = text[max(0, one.start - _AROUND) : one.start], text[one.end : one.end + _AROUND]
        found.append(Shown(one.uri, before, text[one.start : one.end], after, not stands(one, text)))
    return found
