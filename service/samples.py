"""Samples: the question and the answer of what was rated, so that ratings can become training data.

The ledger's rule is "never a text, only hashes", and a rating names an answer by its id alone. So whoever
wants to train on ratings must let texts wait for them: `service.feedback_wait` hours, off unless it is set.
Without a rating they are then deleted; with one they are kept as long as the rating's own words. What is
kept is what the rails let pass, and nothing where the caller asked so (`store: false`).

Passages are not kept: the ledger holds their ids, places and hashes, and `service.export` reads them from
the index. So a deleted document is in no export, and who may not read it cannot export it.
"""

from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, and_, delete, insert, or_, select, update

from ingest.access import Principal
from service.answer import Answer, Ask, Shown
from service.ledger import stamp
from service.records import Rated
from service.retention import Begin, Clock, Rounds, utc
from service.tables import answers, audit, feedback, samples

# Ratings that hold more than what they were.
WORDY = or_(feedback.c.correction.is_not(None), feedback.c.comment.is_not(None))


class Keeper(Protocol):
    """Keeps what was said until it is rated. Blocking."""

    def keep(self, ask: Ask, understood: str | None, answer: Answer) -> None:
        """Keep the question as it was `understood`, and its answer, if both may be."""
        ...


class NoSamples:
    """Keeps nothing."""

    def keep(self, ask: Ask, understood: str | None, answer: Answer) -> None:
        """Do nothing."""


NO_SAMPLES = NoSamples()


class Samples:
    """What was said and how it was rated, in the ledger's database, for several threads and processes.

    Every method may raise `LedgerFault`. Calls take milliseconds and block: use a thread.
    """

    def __init__(self, begin: Begin, wait: int, days: int, clock: Clock = utc) -> None:
        """Keep what was said for `wait` hours (0: not at all), and for `days` once it is rated.

        `begin` opens a transaction on the ledger's database. `days` hold for the words of ratings too.
        """
        self._begin, self._clock = begin, clock
        self._wait, self._kept = timedelta(hours=wait), timedelta(days=days)
        self._rounds = Rounds()

    def keep(self, ask: Ask, understood: str | None, answer: Answer) -> None:
        """Keep the question as it was `understood`, and its answer, which must be on record.

        Not kept is what a rail blocked or cut, and what no passage was shown for: there is nothing to learn.
        """
        if self._rounds.due(self._clock()):
            self.sweep()
        told = answer.finish_reason != "content_filter" and answer.text.strip() and answer.context
        if not self._wait or not ask.store or understood is None or not told:
            return
        values = {
            "answer_id": answer.answer_id,
            "question": understood,
            "answer": answer.text,
            "created_at": stamp(self._clock()),
        }
        with self._begin() as connection:
            connection.execute(insert(samples).values(values))

    def rated(self, principal: Principal) -> list[Rated]:
        """Every rated answer of the principal's tenant with its last rating, the first rated first.

        Of a rating that has been kept long enough only what it was, and of which answer. Deletes nothing.
        """
        joined = feedback.join(answers).outerjoin(samples, samples.c.answer_id == answers.c.answer_id)
        wanted = select(
            feedback,
            answers.c.model,
            answers.c.policy,
            answers.c.context,
            samples.c.question,
            samples.c.answer,
            samples.c.rated_at,
        )
        wanted = wanted.select_from(joined).where(answers.c.tenant == principal.tenant)
        with self._begin() as connection:
            rows = connection.execute(wanted.order_by(feedback.c.id)).all()
        ended = stamp(self._clock() - self._kept)
        return list({row.answer_id: _rated(row, ended) for row in rows}.values())

    def sweep(self) -> None:
        """Delete what has been kept long enough, whoever's it is."""
        now = self._clock()
        ended = stamp(now - self._kept)
        unrated = and_(samples.c.rated_at.is_(None), samples.c.created_at <= stamp(now - self._wait))
        with self._begin() as connection:
            connection.execute(delete(samples).where(or_(unrated, samples.c.rated_at <= ended)))
            silent = update(feedback).where(feedback.c.created_at <= ended, WORDY)
            connection.execute(silent.values(correction=None, comment=None))
        self._rounds.done(now)


def erase(connection: Connection, which: Select[Any]) -> int:
    """Delete every text that is kept of the answers `which` selects; that they were rated, and how, stays.

    So does what the rails decided. Returns how many samples, ratings and decisions lost their words.
    """
    kept = connection.execute(delete(samples).where(samples.c.answer_id.in_(which))).rowcount
    silent = update(feedback).where(feedback.c.answer_id.in_(which), WORDY)
    kept += connection.execute(silent.values(correction=None, comment=None)).rowcount
    judged = update(audit).where(audit.c.answer_id.in_(which), audit.c.text.is_not(None))
    return kept + connection.execute(judged.values(text=None)).rowcount


def _rated(row: Row[Any], ended: str) -> Rated:
    told, said = row.created_at > ended, row.rated_at is not None and row.rated_at > ended
    return Rated(
        answer_id=row.answer_id,
        rating=row.rating,
        correction=row.correction if told else None,
        comment=row.comment if told else None,
        at=row.created_at,
        question=row.question if said else None,
        answer=row.answer if said else None,
        model=row.model,
        policy=row.policy or "",
        context=tuple(_shown(shown) for shown in row.context or ()),
    )


def _shown(kept: dict[str, Any]) -> Shown:
    """JSON knows no tuples."""
    return Shown(**(kept | {"chunk_ids": tuple(kept["chunk_ids"])}))
