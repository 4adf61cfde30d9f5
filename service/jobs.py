"""Uploads on their way into the index: one after the other, in a thread, through `ingest.sync`.

A job's files lie in a folder of their own until it is done. What a stopped server left undone, the
next one of the same data folder takes up: servers that share a ledger leave each other's jobs alone.
"""

import json
import queue
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from guardrails.errors import GuardrailsError
from ingest.access import Access, Principal
from ingest.documents import document_id
from ingest.errors import IngestError
from ingest.folder import MANIFEST, Properties
from ingest.order import Order, Tools
from ingest.report import Report
from ingest.scan import Root
from ingest.sync import sync
from service.errors import NotReady, ServiceError
from service.ledger import Ledger, now
from service.problems import Caught
from service.records import FileRecord, JobRecord
from service.telemetry import failed, log
from service.uploads import Upload

SPOOL = "uploads"


class Stop(threading.Event):
    """Set when the server stops. Long work looks at it between two files."""

    def check(self, _done: int = 0, _of: int = 0) -> None:
        """Raises `NotReady` once the server stops; fits where a sync wants to be watched."""
        if self.is_set():
            raise NotReady("the server is stopping: run it again when it is back")


class Jobs:
    """The queue of uploads, and the thread that works on it."""

    def __init__(self, ledger: Ledger, tools: Tools, folder: Path, stop: Stop) -> None:
        """`folder` is the data folder."""
        self._ledger, self._tools, self._stop = ledger, tools, stop
        self._spool = folder / SPOOL
        self._waiting: queue.SimpleQueue[JobRecord | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Take up what was left undone, remove what belongs to no job, and begin to work."""
        unfinished = [job for job in self._ledger.unfinished_jobs() if self.place(job.id).is_dir()]
        wanted = {job.id for job in unfinished}
        for folder in self._spool.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
        for job in unfinished:
            self._waiting.put(job)
        self._thread.start()

    def close(self) -> None:
        """End after the file that is being read; needs `stop` to be set."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def place(self, job_id: str) -> Path:
        """The folder that a job's files are received in."""
        return self._spool / job_id

    def submit(self, principal: Principal, job_id: str, upload: Upload) -> JobRecord:
        """Queue what was received in the job's place."""
        files = tuple(FileRecord(name) for name in upload.names)
        groups = tuple(sorted(upload.groups))
        # No folder above the spool decides who may read an upload: the nearest manifest is this one.
        (self.place(job_id) / MANIFEST).write_text(json.dumps({"groups": groups}), encoding="utf-8")
        job = JobRecord(job_id, principal.tenant, principal.subject, groups, "queued", files, now())
        self._ledger.add_job(job)
        self._waiting.put(job)
        return job

    def discard(self, job_id: str) -> None:
        """Remove what was received for a job that will not be."""
        shutil.rmtree(self.place(job_id), ignore_errors=True)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None and not self._stop.is_set():
            with Caught() as caught:
                self._run(job)
            if caught.error is not None:
                failed("job broke", caught.error, job=job.id)

    def _run(self, job: JobRecord) -> None:
        self._ledger.advance_job(job.id, "running", _all(job, "running"))
        with Caught() as caught:
            files = _outcomes(job, sync(self._tools, self._order(job), self._stop.check))
        if isinstance(caught.error, NotReady):
            self._ledger.advance_job(job.id, "queued", _all(job, "queued"))
            return
        if caught.error is not None:
            failed("job failed", caught.error, job=job.id)
            files = _all(job, "failed", _told(caught.error))
        state = "done" if caught.error is None else "failed"
        self._ledger.advance_job(job.id, state, files)
        self.discard(job.id)
        log("job", job=job.id, state=state, files=len(files))

    def _order(self, job: JobRecord) -> Order:
        roots = tuple(Root(self.place(job.id) / file.name, uri(job, file.name)) for file in job.files)
        properties = Properties(Access.of(job.tenant, job.groups))
        return Order(roots, properties, prune=True, subject=job.subject)


def uri(job: JobRecord, name: str) -> str:
    """The uri of an uploaded file: `upload:///name`, or `upload://groups/name` if it is restricted.

    A later upload of the same name and groups takes its place. Who may not read a document can never
    replace it: its groups are in its uri.
    """
    return f"upload://{'+'.join(quote(group, safe='') for group in job.groups)}/{name}"


def _all(job: JobRecord, state: str, error: str | None = None) -> tuple[FileRecord, ...]:
    return tuple(replace(file, state=state, error=error) for file in job.files)


def _told(error: Exception) -> str:
    if isinstance(error, IngestError | ServiceError | GuardrailsError):
        return str(error)
    return "something is wrong in the server; its log says what"


def _outcomes(job: JobRecord, report: Report) -> tuple[FileRecord, ...]:
    return tuple(_outcome(job, file, report) for file in job.files)


def _outcome(job: JobRecord, file: FileRecord, report: Report) -> FileRecord:
    place = uri(job, file.name)
    for state, told in (("failed", dict(report.failed)), ("skipped", dict(report.skipped))):
        if place in told:
            return replace(file, state=state, error=told[place])
    inside = [
        f"{where[len(place) + 2 :]}: {why}" for where, why in report.failed if where.startswith(f"{place}!/")
    ]
    document = document_id(job.tenant, place)
    return replace(file, state="done", error="; ".join(inside) or None, document_id=document)
