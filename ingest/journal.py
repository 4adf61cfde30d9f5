"""Where the document rails' decisions are put on record: ingestion says what was decided, and about what."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from guardrails.policy import Policy
from guardrails.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Screened:
    """What the rails of `policy` found in a document that `subject` of `tenant` had indexed, or tried to."""

    tenant: str
    subject: str
    document_id: str
    policy: Policy
    verdict: Verdict


class Journal(Protocol):
    """Keeps decisions. Blocking."""

    def note(self, screened: Screened) -> None:
        """Put the decisions on record, before anything follows from them.

        Raises:
            NoRecord: they cannot be; the document must not be indexed then.
        """
        ...


class NoJournal:
    """Keeps nothing: for an index without document rails."""

    def note(self, screened: Screened) -> None:
        """Do nothing."""


class LazyJournal:
    """A journal that is opened when there is something to note: most syncs find nothing."""

    def __init__(self, opened: Callable[[], Journal]) -> None:
        self._open = opened

    def note(self, screened: Screened) -> None:
        """As the journal."""
        self._opened.note(screened)

    @cached_property
    def _opened(self) -> Journal:
        return self._open()
