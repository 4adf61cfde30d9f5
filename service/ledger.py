"""The ledger: keys, answers, the rails' decisions, feedback and jobs. In SQL; never a text, only hashes.

Feedback is the exception: its words are the caller's own, given to be kept. So are conversations, which
`service.conversations` keeps in the same database, what was rated, which `service.samples` may, and what
the rails judged, where a policy says so (`service.audit` reads and ends their records).
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, Row, Select, and_, delete, insert, or_, select, update

from ingest.access import Principal
from ingest.database import PATIENCE, Database
from ingest.home import home
from service.answer import Answer, Decision
from service.decisions import digest
from service.errors import BadRequest, Ended, LedgerFault, NotFound
from service.records import UNFINISHED, FileRecord, JobPage, JobRecord, KeyRecord
from service.schema import LEDGER
from service.settings import ServiceSettings
from service.tables import answers, api_keys, audit, feedback, jobs, samples
from service.telemetry import log

# A key's last use is written down at most this often: a request should not cost a write.
USE_NOTED = timedelta(minutes=1)
# What is deleted is overwritten: a conversation that was taken back must not lie on in free pages.
PRAGMAS = {"synchronous": "NORMAL", "secure_delete": "ON"}
# Seconds that a check waits for others to end their transactions, and the noting of a key's use.
HURRY, PASSING = 2.0, 0.1


def now() -> str:
    """The time as the ledger writes it."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """An aware time as the ledger writes it: in UTC and always of one form, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


class Ledger:
    """The service's records in a SQL database. Safe to use from several threads and processes.

    Every method may raise `LedgerFault`. Calls take milliseconds and block: use a thread.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Open the database at `url` and bring its schema up to date.

        `patience`: seconds that a call waits for somebody else's lock.
        """
        self._database = Database(url, "ledger", LedgerFault, PRAGMAS, patience)
        self._begin = self._database.begin
        # The server and `keys create` may both be the first to come.
        self._database.migrate(LEDGER)

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """The ledger that the settings name; the data folder is made for it."""
        home(settings.folder)
        return cls(settings.ledger)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def check(self) -> None:
        """Raise `LedgerFault` unless it takes records now. Finds out in two seconds."""
        if self._database.lost():
            raise LedgerFault("the ledger's file is gone, or is another one: restart the server")
        # A row and its removal in one transaction: nobody sees it, and the disk has to have room for it.
        row = JobRecord(f"check-{secrets.token_hex(16)}", "", "", (), "done", (), now())
        with self._database.hurried(HURRY) as connection:
            connection.execute(insert(jobs).values(**asdict(row)))
            connection.execute(delete(jobs).where(jobs.c.id == row.id))

    # Keys.

    def add_key(self, record: KeyRecord, digest: str) -> None:
        """Keep a key by the SHA-256 `digest` of it."""
        with self._begin() as connection:
            connection.execute(insert(api_keys).values(hash=digest, **asdict(record)))

    def keys(self) -> list[KeyRecord]:
        """All keys, the oldest first."""
        with self._begin() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
            return [_key(row)[0] for row in rows]

    def key(self, digest: str) -> tuple[KeyRecord, str] | None:
        """The key of this digest that still holds, and its digest as it is kept; notes the use."""
        lasting = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now())
        wanted = select(api_keys).where(api_keys.c.hash == digest, api_keys.c.revoked_at.is_(None), lasting)
        with self._begin() as connection:
            row = connection.execute(wanted).one_or_none()
            if row is None:
                return None
        if row.last_used_at is None or row.last_used_at < stamp(datetime.now(UTC) - USE_NOTED):
            self._note_use(row.id)
        return _key(row)

    def _note_use(self, key_id: str) -> None:
        """Unless the ledger is busy: a caller who only reads need not wait for those who write."""
        try:
            with self._database.hurried(PASSING) as connection:
                used = update(api_keys).where(api_keys.c.id == key_id)
                connection.execute(used.values(last_used_at=now()))
        except LedgerFault:
            log("use of a key not noted: the ledger is busy", key=key_id)

    def revoke_key(self, key_id: str) -> None:
        """End a key's validity at once.

        Raises:
            NotFound: there is no such key that is still valid.
        """
        valid = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        with self._begin() as connection:
            if connection.execute(valid.values(revoked_at=now())).rowcount == 0:
                raise NotFound(f"no valid key {key_id}; `python -m service keys list` shows the keys")

    # Answers and what the rails decided.

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        """Write down one answer, with the hash of its question, and every decision of a rail on its way."""
        at = now()
        asked = {"answer_id": answer.answer_id, "evaluation": answer.evaluation}
        with self._begin() as connection:
            connection.execute(insert(answers).values(**_answer(principal, question, answer, at)))
            _decided(connection, principal, answer.decisions, {"at": at, **asked})

    def screened(self, principal: Principal, decisions: Sequence[Decision]) -> None:
        """Write down what the rails decided about documents that `principal` had indexed."""
        with self._begin() as connection:
            _decided(connection, principal, decisions, {"at": now(), "answer_id": "", "evaluation": ""})

    def rate(
        self, principal: Principal, answer_id: str, rating: str, correction: str | None, comment: str | None
    ) -> None:
        """Keep what the asker thinks of an answer; what was said is then kept on, if it was kept so far.

        Raises:
            NotFound: no such answer was given to this principal.
        """
        own = select(answers.c.answer_id).where(
            answers.c.answer_id == answer_id,
            answers.c.tenant == principal.tenant,
            answers.c.subject == principal.subject,
        )
        with self._begin() as connection:
            if connection.scalar(own) is None:
                raise NotFound(
                    "there is no such answer; pass the `answer_id` of an answer that you were given"
                )
            row = {"answer_id": answer_id, "rating": rating, "correction": correction, "comment": comment}
            at = now()
            connection.execute(insert(feedback).values(created_at=at, **row))
            connection.execute(update(samples).where(samples.c.answer_id == answer_id).values(rated_at=at))

    # Jobs.

    def add_job(self, job: JobRecord) -> None:
        """Keep a new job."""
        with self._begin() as connection:
            connection.execute(insert(jobs).values(**asdict(job)))

    def begin_job(self, job: JobRecord) -> bool:
        """Write down that a job runs; False if it was cancelled meanwhile, or has ended."""
        waiting = update(jobs).where(jobs.c.id == job.id, jobs.c.state.in_(UNFINISHED))
        with self._begin() as connection:
            return connection.execute(waiting.values(**_reached(job))).rowcount > 0

    def advance_job(self, job: JobRecord) -> bool:
        """Write down how far a job has come. Returns whether somebody asked to cancel it."""
        this = jobs.c.id == job.id
        with self._begin() as connection:
            connection.execute(update(jobs).where(this).values(**_reached(job)))
            return bool(connection.scalar(select(jobs.c.cancel_asked).where(this)))

    def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody asked to cancel a job that runs."""
        with self._begin() as connection:
            return bool(connection.scalar(select(jobs.c.cancel_asked).where(jobs.c.id == job_id)))

    def cancel_job(self, principal: Principal, job_id: str) -> JobRecord:
        """End a job that waits, and ask for the end of one that runs; of one that was cancelled do nothing.

        Raises:
            NotFound: as `job`.
            Ended: there is nothing left to cancel.
        """
        this = update(jobs).where(jobs.c.id == job_id)
        job = self.job(principal, job_id)
        ended = replace(job, state="cancelled", files=cancelled(job.files), finished_at=now())
        with self._begin() as connection:
            waiting = this.where(jobs.c.state == "queued")
            if connection.execute(waiting.values(**_reached(ended))).rowcount:
                return ended
            asked = this.where(jobs.c.state.in_(UNFINISHED)).values(cancel_asked=True)
            there = connection.execute(asked).rowcount
        job = self.job(principal, job_id)
        if not there and job.state != "cancelled":
            raise Ended("the job has ended: what it indexed is deleted with DELETE /v1/documents/{id}")
        return job

    def job(self, principal: Principal, job_id: str) -> JobRecord:
        """A job of the principal; an administrator sees all of the tenant.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._begin() as connection:
            row = connection.execute(_jobs_of(principal).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("there is no such job; pass the `job_id` that the upload returned")
        return _job(row)

    def jobs(
        self, principal: Principal, limit: int = 100, cursor: str | None = None, state: str | None = None
    ) -> JobPage:
        """Up to `limit` jobs that the principal may see, the newest first, after `cursor`; those in `state`.

        Raises:
            BadRequest: `cursor` is not one that this method gave out.
        """
        wanted = _jobs_of(principal)
        if state is not None:
            wanted = wanted.where(jobs.c.state == state)
        if cursor is not None:
            at, slash, name = cursor.partition("/")
            if not slash or "\0" in cursor:
                raise BadRequest(
                    "the cursor is not one of ours: pass `next` of the page before", "cursor", 422
                )
            earlier = and_(jobs.c.created_at == at, jobs.c.id < name)
            wanted = wanted.where(or_(jobs.c.created_at < at, earlier))
        wanted = wanted.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit + 1)
        with self._begin() as connection:
            found = tuple(_job(row) for row in connection.execute(wanted))
        shown = found[:limit]
        return JobPage(shown, f"{shown[-1].created_at}/{shown[-1].id}" if len(found) > limit else None)

    def unfinished_jobs(self) -> list[JobRecord]:
        """Jobs that no server has completed, the oldest first."""
        wanted = select(jobs).where(jobs.c.state.in_(UNFINISHED)).order_by(jobs.c.created_at, jobs.c.id)
        with self._begin() as connection:
            return [_job(row) for row in connection.execute(wanted)]

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction for a module that keeps tables of its own in this database."""
        return self._begin()


def _ids(count: int) -> list[str]:
    """Ids for decisions that were made together: they sort by time, then in the order given.

    By the nanosecond: two answers of one millisecond would stand in any order.
    """
    together = f"{time.time_ns():016x}{secrets.token_hex(6)}"
    return [f"{together}{number:04x}" for number in range(count)]


def _answer(principal: Principal, question: str, answer: Answer, at: str) -> dict[str, Any]:
    return {
        "answer_id": answer.answer_id,
        "tenant": principal.tenant,
        "subject": principal.subject,
        "question_hash": digest(principal.tenant, question),
        "model": answer.model,
        "arm": answer.arm,
        "policy": answer.policy,
        "chunk_ids": [citation.chunk_id for citation in answer.citations],
        "refused": answer.refused,
        "grounded": answer.grounded,
        "finish_reason": answer.finish_reason,
        "created_at": at,
        "answer_hash": digest(principal.tenant, answer.text),
        "context": [asdict(shown) for shown in answer.context],
        "repeats": answer.repeats,
        "evaluation": answer.evaluation,
    }


def _decided(
    connection: Connection, principal: Principal, made: Sequence[Decision], shared: Mapping[str, str]
) -> None:
    """Insert a row a decision; `shared` is what those that were made together have in common."""
    whose = {"tenant": principal.tenant, "subject": principal.subject, **shared}
    rows = [
        {"id": name, **whose, **_decision(decision)}
        for name, decision in zip(_ids(len(made)), made, strict=True)
    ]
    if rows:
        connection.execute(insert(audit), rows)


def _decision(decision: Decision) -> dict[str, Any]:
    start, end = decision.span or (None, None)
    return {
        "stage": str(decision.stage),
        "rail": decision.rail,
        "label": decision.label,
        "policy": decision.policy,
        "action": str(decision.action),
        "score": decision.score,
        "text_hash": decision.text_hash,
        "shadow": decision.shadow,
        "reason": decision.reason,
        "start": start,
        "end": end,
        "document_id": decision.document_id,
        "text": decision.text,
    }


def _key(row: Row[Any]) -> tuple[KeyRecord, str]:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way to a row's names
    digest = values.pop("hash")
    return KeyRecord(groups=tuple(values.pop("groups")), scopes=tuple(values.pop("scopes")), **values), digest


def cancelled(files: Sequence[FileRecord]) -> tuple[FileRecord, ...]:
    """What becomes of a cancelled job's files: those that have their outcome keep it."""
    return tuple(file if file.ended else replace(file, state="cancelled") for file in files)


def _jobs_of(principal: Principal) -> Select[Any]:
    """Jobs that the principal may see: their own; an administrator sees all of the tenant."""
    wanted = select(jobs).where(jobs.c.tenant == principal.tenant)
    return wanted if "admin" in principal.scopes else wanted.where(jobs.c.subject == principal.subject)


def _reached(job: JobRecord) -> dict[str, Any]:
    files = [asdict(file) for file in job.files]
    return {"state": job.state, "files": files, "started_at": job.started_at, "finished_at": job.finished_at}


def _job(row: Row[Any]) -> JobRecord:
    values = dict(row._mapping)  # noqa: SLF001  # as above
    files = tuple(FileRecord(**file) for file in values.pop("files"))
    return JobRecord(groups=tuple(values.pop("groups")), files=files, **values)
