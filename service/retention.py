"""Retention: what is kept for a time is deleted when it is over, as servers go about their work.

For those who keep texts in the ledger's database: `service.conversations` and `service.samples`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

# The expired are deleted at most this often; until then nobody is given them.
SWEPT_EVERY = timedelta(hours=1)

# Opens a transaction on the ledger's database.
Begin = Callable[[], AbstractContextManager[Connection]]
Clock = Callable[[], datetime]


def utc() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Rounds:
    """When the expired were deleted last. Two threads may both find it due: the second deletes nothing."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether they are to be deleted again; so it is until it is `done`."""
        return self._last is None or now - self._last >= SWEPT_EVERY

    def done(self, now: datetime) -> None:
        """They were, and nothing can undo it any more."""
        self._last = now
