"""Evidence: the words of a document that an answer rests on, found again by place and hash."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from eval.dataset import Evidence, Question

Reason = Literal["changed", "gone"]


class Documents(Protocol):
    """The documents as they are now."""

    def text(self, tenant: str, uri: str) -> str | None:
        """The cleaned text of the tenant's document at `uri` (or its end); None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Stale:
    """A row whose evidence is no longer what it was: `changed` there, or `gone` with its document."""

    id: str
    uri: str
    reason: Reason

    def __str__(self) -> str:
        told = "says something else there now" if self.reason == "changed" else "is not indexed any more"
        return f"{self.id}: {self.uri} {told}"


def evidence(uri: str, text: str, start: int, end: int) -> Evidence:
    """The characters `start` to `end` of the text of `uri`."""
    return Evidence(uri=uri, start=start, end=end, sha256=_digest(text[start:end]))


def stands(found: Evidence, text: str) -> bool:
    """Whether the text still says there what it said."""
    return _digest(text[found.start : found.end]) == found.sha256


def says(words: str, text: str) -> bool:
    """Whether `text` holds `words` as words of their own, but for case and line breaks."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def stale(questions: Sequence[Question], documents: Documents) -> list[Stale]:
    """The evidence that is out of date, in the order of the questions. Rows without evidence cannot be."""
    return [
        Stale(question.id, found.uri, reason)
        for question in questions
        for found in question.evidence
        if (reason := _fault(found, documents.text(question.tenant, found.uri)))
    ]


def _fault(found: Evidence, text: str | None) -> Reason | None:
    if text is None:
        return "gone"
    return None if stands(found, text) else "changed"


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
