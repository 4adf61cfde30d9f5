"""Conversations: what was asked and answered under a `conversation_id`, so that follow-ups are understood.

The ledger's rule is "never a text, only hashes". This is its deliberate exception: a caller who sends a
`conversation_id` asks for the texts to be kept, and nothing is kept without one. What is kept is what the
rails let pass: questions as they left the input rails (none if they were blocked), answers as they were
sent. Turns belong to their asker (tenant and subject), expire, and can be deleted.

Each turn carries the digest of what its asker could read. After a change of groups the digest is another,
and the turns of before are neither used nor shown: an answer must not outlive the access it came from. Nor
are turns whose answer was made from a document that its asker may no longer read, or that is gone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from ingest.access import Principal, access_digest
from service.decisions import digest
from service.errors import BadRequest, NotFound
from service.ledger import stamp
from service.records import ConversationPage, ConversationRecord, Turn
from service.retention import Begin, Clock, Rounds, utc
from service.samples import erase
from service.tables import answers, turns

Readable = Callable[[Principal, Collection[str]], Collection[str]]
"""Those of some documents, by their ids, that a principal may read now: `ingest.catalog.Catalog.readable`."""


def every_document(_principal: Principal, ids: Collection[str]) -> Collection[str]:
    """All of them: for conversations about no index."""
    return ids


class Conversations:
    """Turns in the ledger's database. Safe to use from several threads and processes.

    Every method may raise `LedgerFault`. Calls take milliseconds and block: use a thread.
    """

    def __init__(
        self, begin: Begin, days: int, most: int, clock: Clock = utc, readable: Readable = every_document
    ) -> None:
        """Keep turns for `days` (0: not at all), the newest `most` of each conversation.

        `begin` opens a transaction on the ledger's database.
        """
        self._readable = readable
        self._begin, self._kept, self._most, self._clock = begin, timedelta(days=days), most, clock
        self._rounds = Rounds()

    def keep(self, principal: Principal, conversation_id: str, turn: Turn) -> None:
        """Add a turn, said now; `turn.at` is not looked at.

        Its answer on record learns where it was said, though no turn be kept: `forget` finds it by that.
        """
        values = {
            "tenant": principal.tenant,
            "subject": principal.subject,
            "conversation_id": conversation_id,
            "access": access_digest(principal),
            "answer_id": turn.answer_id,
            "question": turn.question,
            "standalone": turn.standalone,
            "answer": turn.answer,
            "created_at": stamp(self._clock()),
        }
        conversation = and_(_own(principal), turns.c.conversation_id == conversation_id)
        newest = select(turns.c.id).where(conversation).order_by(turns.c.id.desc())
        last_kept = newest.offset(self._most - 1).limit(1).scalar_subquery()
        said = update(answers).where(answers.c.answer_id == turn.answer_id)
        with self._swept_clean() as connection:
            connection.execute(said.values(conversation_hash=_hash(principal, conversation_id)))
            if self._kept:
                connection.execute(insert(turns).values(values))
                connection.execute(delete(turns).where(conversation, turns.c.id < last_kept))

    def recall(self, principal: Principal, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last turns, at most `most`, the oldest first; none of a question that was blocked."""
        wanted = _with_context().where(
            self._visible(principal),
            turns.c.conversation_id == conversation_id,
            turns.c.standalone.is_not(None),
        )
        with self._swept_clean() as connection:
            rows = connection.execute(wanted.order_by(turns.c.id.desc()).limit(most)).all()
        return self._still_open(principal, rows[::-1])

    def turns(self, principal: Principal, conversation_id: str) -> tuple[Turn, ...]:
        """All turns of a conversation that the principal may see, the oldest first.

        Raises:
            NotFound: there is none.
        """
        wanted = _with_context().where(self._visible(principal), turns.c.conversation_id == conversation_id)
        with self._swept_clean() as connection:
            rows = connection.execute(wanted.order_by(turns.c.id)).all()
        if not rows:
            raise _missing()
        return self._still_open(principal, rows)

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

        What was kept of its answers for training, and the words of their ratings, go too; also of those
        whose turns are gone already.

        Raises:
            NotFound: there was nothing to delete.
        """
        whole = and_(_own(principal), turns.c.conversation_id == conversation_id)
        said = select(answers.c.answer_id).where(
            answers.c.tenant == principal.tenant,
            answers.c.subject == principal.subject,
            answers.c.conversation_hash == _hash(principal, conversation_id),
        )
        with self._swept_clean() as connection:
            gone = erase(connection, said) + connection.execute(delete(turns).where(whole)).rowcount
        # Not within the transaction, which would be undone.
        if gone == 0:
            raise _missing()

    def _still_open(self, principal: Principal, rows: Sequence[Row[Any]]) -> tuple[Turn, ...]:
        """The turns of answers for which the model was shown nothing but what the principal may read now."""
        shown = [{passage["document_id"] for passage in row.context or ()} for row in rows]
        named = set().union(*shown)
        closed = named.difference(self._readable(principal, named)) if named else named
        return tuple(_turn(row) for row, names in zip(rows, shown, strict=True) if not names & closed)

    def _visible(self, principal: Principal) -> ColumnElement[bool]:
        """The principal's turns that have not expired and were said under the access of now."""
        access = turns.c.access == access_digest(principal)
        return and_(_own(principal), access, turns.c.created_at > self._cutoff())

    def _cutoff(self) -> str:
        return stamp(self._clock() - self._kept)

    @contextmanager
    def _swept_clean(self) -> Iterator[Connection]:
        """A transaction; once in a while it begins by deleting what has expired, whoever's it is."""
        now = self._clock()
        due = self._rounds.due(now)
        with self._begin() as connection:
            if due:
                connection.execute(delete(turns).where(turns.c.created_at <= self._cutoff()))
            yield connection
        if due:
            self._rounds.done(now)


def _own(principal: Principal) -> ColumnElement[bool]:
    return and_(turns.c.tenant == principal.tenant, turns.c.subject == principal.subject)


def _with_context() -> Select[Any]:
    """Turns, with what the model was shown for each answer."""
    said = turns.outerjoin(answers, answers.c.answer_id == turns.c.answer_id)
    return select(turns, answers.c.context).select_from(said)


def _turn(row: Row[Any]) -> Turn:
    return Turn(row.answer_id, row.question, row.standalone, row.answer, row.created_at)


def _hash(principal: Principal, conversation_id: str) -> str:
    return digest(principal.tenant, conversation_id)


def _uncursor(cursor: str) -> tuple[str, str]:
    at, slash, name = cursor.partition("/")
    if not slash or "\0" in cursor:
        raise BadRequest("the cursor is not one of ours: pass `next` of the page before", "cursor", 422)
    return at, name


def _missing() -> NotFound:
    return NotFound("there is no such conversation; GET /v1/conversations lists yours")
