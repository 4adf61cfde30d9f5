"""The audit: what the rails decided, read page by page, exported, and ended after a time.

`service.ledger` writes the records. Every decision is there, those in shadow too: when, who, stage, rail,
label, policy, action, score, why, and the hash of the text that was judged. The text itself is there only
where the policy says so (`audit: {texts: true}`), and goes when its conversation is deleted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, select

from ingest.access import Principal
from service.answer import Answer
from service.errors import LedgerFault
from service.ledger import stamp
from service.recorder import Recorder
from service.records import AuditPage, Wanted
from service.retention import Begin, Clock, Rounds, utc
from service.tables import audit
from service.telemetry import failed

ALL = Wanted()
_BATCH = 1_000


class Audit:
    """The rails' decisions in the ledger's database, for several threads and processes.

    Every method may raise `LedgerFault`. Calls take milliseconds and block: use a thread.
    """

    def __init__(self, begin: Begin, days: int = 0, clock: Clock = utc) -> None:
        """Decisions are kept for `days` (0: until they are pruned).

        `begin` opens a transaction on the ledger's database.
        """
        self._begin, self._kept, self._clock = begin, timedelta(days=days), clock
        self._rounds = Rounds()

    def page(
        self, principal: Principal, wanted: Wanted = ALL, limit: int = 100, before: str | None = None
    ) -> AuditPage:
        """Up to `limit` decisions in the principal's tenant, the newest first, older than the cursor."""
        which = _which(principal, wanted)
        if before is not None:
            which = and_(which, audit.c.id < before)
        with self._begin() as connection:
            newest = select(audit).where(which).order_by(audit.c.id.desc())
            rows = connection.execute(newest.limit(limit + 1)).all()
        entries = tuple(map(_entry, rows[:limit]))
        return AuditPage(entries, entries[-1]["id"] if len(rows) > limit else None)

    def entries(self, principal: Principal, wanted: Wanted = ALL) -> Iterator[dict[str, Any]]:
        """All such decisions in the principal's tenant, the oldest first; read in batches."""
        which, last = _which(principal, wanted), ""
        while True:
            with self._begin() as connection:
                oldest = select(audit).where(which, audit.c.id > last).order_by(audit.c.id)
                rows = connection.execute(oldest.limit(_BATCH)).all()
            yield from map(_entry, rows)
            if len(rows) < _BATCH:
                return
            last = rows[-1].id

    def prune(self, principal: Principal, names: Sequence[str]) -> None:
        """Delete the decisions of these ids, as far as they are of the principal's tenant."""
        for start in range(0, len(names), _BATCH):
            some = audit.c.id.in_(names[start : start + _BATCH])
            with self._begin() as connection:
                connection.execute(delete(audit).where(audit.c.tenant == principal.tenant, some))

    def rotate(self) -> None:
        """Once in a while delete what has been kept long enough, whoever's it is."""
        now = self._clock()
        if not self._kept or not self._rounds.due(now):
            return
        with self._begin() as connection:
            connection.execute(delete(audit).where(audit.c.at <= stamp(now - self._kept)))
        self._rounds.done(now)


class RotatingRecorder:
    """A recorder that ends old decisions as it keeps new ones."""

    def __init__(self, recorder: Recorder, decisions: Audit) -> None:
        self._recorder, self._decisions = recorder, decisions

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        """Keep an answer. Raises what the recorder raises; that old ones stay on stops no answer."""
        self._recorder.record(principal, question, answer)
        try:
            self._decisions.rotate()
        except LedgerFault as error:
            failed("old decisions not deleted", error)


def _which(principal: Principal, wanted: Wanted) -> ColumnElement[bool]:
    given = {name: value for name, value in asdict(wanted).items() if value is not None}
    since, until = given.pop("since", None), given.pop("until", None)
    which = [audit.c.tenant == principal.tenant, *(audit.c[name] == value for name, value in given.items())]
    if since is not None:
        which.append(audit.c.at >= since)
    if until is not None:
        which.append(audit.c.at < until)
    return and_(*which)


def _entry(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way to a row's names
