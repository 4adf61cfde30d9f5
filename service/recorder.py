"""The seam to the records of answers."""

from typing import Protocol

from ingest.access import Principal
from service.answer import Answer


class Recorder(Protocol):
    """Keeps every answer and every decision of a rail. Blocking; called in a thread."""

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        """Write the audit records of one finished, blocked or abandoned answer."""
        ...
