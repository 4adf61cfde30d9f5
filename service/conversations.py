"""Conversations: what was asked and answered under a `conversation_id`, so that follow-ups are understood.

The ledger's rule is "never a text, only hashes". This is its deliberate exception: a caller who sends a
`conversation_id` asks for the texts to be kept, and nothing is kept without one. What is kept is what the
rails let pass: questions as they left the input rails (none if they were blocked), answers as they were
sent. Turns belong to their asker (tenant and subject), expire, and can be deleted.

Each turn carries the digest of what its asker could read. After a change of groups the digest is another,
and the turns of before are neither used nor shown: an answer must not outlive the access it came from.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select

from ingest.access import Principal, access_digest
from service.errors import BadRequest, NotFound
from service.records import ConversationPage, ConversationRecord, Turn
from service.samples import erase
from service.tables import turns

# The expired are deleted at most this often; until then nobody is shown them.
SWEPT_EVERY = timedelta(hours=1)

Begin = Callable[[], AbstractContextManager[Connection]]
Clock = Callable[[], datetime]


def _utc() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """Turns in the ledger's database. Safe to use from several threads and processes.

    Every method may raise `LedgerFault`. Calls take milliseconds and block: use a thread.
    """

    def __init__(self, begin: Begin, days: int, most: int, clock: Clock = _utc) -> None:
        """Keep turns for `days` (0: not at all), the newest `most` of each conversation.

        `begin` opens a transaction on the ledger's database.
        """
        self._begin, self._kept, self._most, self._clock = begin, timedelta(days=days), most, clock
        self._swept: datetime | None = None

    def keep(self, principal: Principal, conversation_id: str, turn: Turn) -> None:
        """Add a turn, said now; `turn.at` is not looked at."""
        if not self._kept:
            return
        values = {
            "tenant": principal.tenant,
            "subject": principal.subject,
            "conversation_id": conversation_id,
            "access": access_digest(principal),
            "answer_id": turn.answer_id,
            "question": _storable(turn.question),
            "standalone": _storable(turn.standalone),
            "answer": _storable(turn.answer),
            "created_at": _stamp(self._clock()),
        }
        conversation = and_(_own(principal), turns.c.conversation_id == conversation_id)
        newest = select(turns.c.id).where(conversation).order_by(turns.c.id.desc())
        last_kept = newest.offset(self._most - 1).limit(1).scalar_subquery()
        with self._swept_clean() as connection:
            connection.execute(insert(turns).values(values))
            connection.execute(delete(turns).where(conversation, turns.c.id < last_kept))

    def recall(self, principal: Principal, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last turns, at most `most`, the oldest first; none of a question that was blocked."""
        wanted = select(turns).where(
            self._visible(principal),
            turns.c.conversation_id == conversation_id,
            turns.c.standalone.is_not(None),
        )
        with self._swept_clean() as connection:
            rows = connection.execute(wanted.order_by(turns.c.id.desc()).limit(most)).all()
        return tuple(_turn(row) for row in reversed(rows))

    def turns(self, principal: Principal, conversation_id: str) -> tuple[Turn, ...]:
        """All turns of a conversation that the principal may see, the oldest first.

        Raises:
            NotFound: there is none.
        """
        wanted = select(turns).where(self._visible(principal), turns.c.conversation_id == conversation_id)
        with self._swept_clean() as connection:
            rows = connection.execute(wanted.order_by(turns.c.id)).all()
        if not rows:
            raise _missing()
        return tuple(_turn(row) for row in rows)

    def page(self, principal: Principal, limit: int = 100, cursor: str | None = None) -> ConversationPage:
        """Up to `limit` of the principal's conversations, the last used first, from the cursor on.

        Raises:
            BadRequest: `cursor` is not one that this method gave out.
        """
        last = func.max(turns.c.created_at)
        wanted = select(turns.c.conversation_id, func.count(), func.min(turns.c.created_at), last)
        wanted = wanted.where(self._visible(principal)).group_by(turns.c.conversation_id)
        if cursor is not None:
            at, name = _uncursor(cursor)
            wanted = wanted.having(or_(last < at, and_(last == at, turns.c.conversation_id < name)))
        wanted = wanted.order_by(last.desc(), turns.c.conversation_id.desc()).limit(limit + 1)
        with self._swept_clean() as connection:
            rows = connection.execute(wanted).all()
        found = tuple(ConversationRecord(*row) for row in rows[:limit])
        return ConversationPage(found, f"{found[-1].last_at}/{found[-1].id}" if len(rows) > limit else None)

    def forget(self, principal: Principal, conversation_id: str) -> None:
        """Delete a conversation of the principal, with the turns that may no longer be shown.

        What was kept of its answers for training, and the words of their ratings, go too.

        Raises:
            NotFound: there is none.
        """
        whole = and_(_own(principal), turns.c.conversation_id == conversation_id)
        with self._swept_clean() as connection:
            erase(connection, select(turns.c.answer_id).where(whole))
            if connection.execute(delete(turns).where(whole)).rowcount == 0:
                raise _missing()

    def _visible(self, principal: Principal) -> ColumnElement[bool]:
        """The principal's turns that have not expired and were said under the access of now."""
        access = turns.c.access == access_digest(principal)
        return and_(_own(principal), access, turns.c.created_at > self._cutoff())

    def _cutoff(self) -> str:
        return _stamp(self._clock() - self._kept)

    @contextmanager
    def _swept_clean(self) -> Iterator[Connection]:
        """A transaction; once in a while it begins by deleting what has expired, whoever's it is."""
        with self._begin() as connection:
            now = self._clock()
            if self._swept is None or now - self._swept >= SWEPT_EVERY:
                connection.execute(delete(turns).where(turns.c.created_at <= self._cutoff()))
                self._swept = now
            yield connection


def _own(principal: Principal) -> ColumnElement[bool]:
    return and_(turns.c.tenant == principal.tenant, turns.c.subject == principal.subject)


def _turn(row: Row[Any]) -> Turn:
    return Turn(row.answer_id, row.question, row.standalone, row.answer, row.created_at)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _storable(text: str | None) -> str | None:
    """PostgreSQL's texts cannot hold NUL."""
    return text and text.replace("\0", "")


def _uncursor(cursor: str) -> tuple[str, str]:
    at, slash, name = cursor.partition("/")
    if not slash or "\0" in cursor:
        raise BadRequest("the cursor is not one of ours: pass `next` of the page before", "cursor", 422)
    return at, name


def _missing() -> NotFound:
    return NotFound("there is no such conversation; GET /v1/conversations lists yours")
