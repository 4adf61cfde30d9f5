"""Uploads on their way into the index: one after the other, in a thread, through `ingest.sync`.

A job's files lie in a folder of their own until it has ended. What a stopped server left undone, the
next one of the same data folder takes up: servers that share a ledger leave each other's jobs alone.
"""

import json
import queue
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from guardrails.errors import GuardrailsError
from ingest.access import Access, Principal
from ingest.errors import IngestError
from ingest.folder import MANIFEST, Properties
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.sync import sync
from service.errors import NotReady, ServiceError
from service.ledger import Ledger, cancelled, now
from service.problems import Caught
from service.progress import Cancelled, Progress
from service.records import FileRecord, JobRecord
from service.spool import Spool
from service.telemetry import Metrics, failed, log
from service.uploads import Upload


class Stop(threading.Event):
    """Set when the server stops. Long work looks at it between two files."""

    def check(self, _done: int = 0, _of: int = 0) -> None:
        """Raises `NotReady` once the server stops; fits where a sync wants to be watched."""
        if self.is_set():
            raise NotReady("the server is stopping: run it again when it is back")


class Jobs:
    """The queue of uploads, and the thread that works on it."""

    def __init__(self, ledger: Ledger, tools: Tools, spool: Spool, stop: Stop, metrics: Metrics) -> None:
        self._ledger, self._tools, self._stop, self._metrics = ledger, tools, stop, metrics
        self.spool = spool
        self._waiting: queue.SimpleQueue[JobRecord | None] = queue.SimpleQueue()
        self._running = 0
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        metrics.jobs(lambda: (self._waiting.qsize(), self._running))

    def start(self) -> None:
        """Take up what was left undone, remove what belongs to no job, and begin to work."""
        here = [job for job in self._ledger.unfinished_jobs() if self.place(job.id).is_dir()]
        self.spool.resume({job.id: job.tenant for job in here})
        for job in here:
            self._waiting.put(job)
        self._thread.start()

    def close(self) -> None:
        """End after the file that is being read; needs `stop` to be set."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def place(self, job_id: str) -> Path:
        """The folder that a job's files are received in."""
        return self.spool.place(job_id)

    def submit(self, principal: Principal, job_id: str, upload: Upload) -> JobRecord:
        """Queue what was received in the job's place."""
        files = tuple(FileRecord(name, bytes=size) for name, size in upload.files.items())
        groups = tuple(sorted(upload.groups))
        # No folder above the spool decides who may read an upload: the nearest manifest is this one.
        manifest = upload.manifest.model_dump(mode="json", exclude_unset=True) | {"groups": groups}
        (self.place(job_id) / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        job = JobRecord(job_id, principal.tenant, principal.subject, groups, "queued", files, now())
        self._ledger.add_job(job)
        self._waiting.put(job)
        return job

    def cancel(self, principal: Principal, job_id: str) -> JobRecord:
        """End a job that waits now, and one that runs between two files; what it has indexed stays.

        Raises:
            NotFound, Ended: as `Ledger.cancel_job`.
        """
        job = self._ledger.cancel_job(principal, job_id)
        log("job is to be cancelled", job=job.id, state=job.state)
        if job.ended:
            self.spool.remove(job_id)
        return job

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None and not self._stop.is_set():
            self._running = 1
            with Caught() as caught:
                self._run(job)
            self._running = 0
            if caught.error is not None:
                failed("job broke", caught.error, job=job.id)

    def _run(self, waiting: JobRecord) -> None:
        files = tuple(file if file.ended else replace(file, state="running") for file in waiting.files)
        job = replace(waiting, state="running", files=files, started_at=waiting.started_at or now())
        if not self._ledger.begin_job(job):
            self.spool.remove(job.id)  # cancelled, perhaps on another server
            return
        uris = {file.name: uri(job, file.name) for file in files}
        progress = Progress(job, uris, self._ledger, self._tools.library.catalog)
        with Caught() as caught:
            self._sync(progress)
        if isinstance(caught.error, NotReady):
            self._put_back(progress.job)
        else:
            self._end(progress, caught.error)

    def _sync(self, progress: Progress) -> None:
        """Index the files that have no outcome yet."""
        job = progress.job
        left = [file.name for file in job.files if not file.ended]
        roots = tuple(Root(self.place(job.id) / name, uri(job, name)) for name in left)
        properties = Properties(Access.of(job.tenant, job.groups))

        def watch(_done: int, _of: int) -> None:
            self._stop.check()
            progress.look()

        order = Order(roots, properties, prune=True, subject=job.subject, told=progress.told)
        report = sync(self._tools, order, watch)
        progress.refused(report.skipped, report.failed)

    def _put_back(self, job: JobRecord) -> None:
        files = tuple(file if file.ended else replace(file, state="queued") for file in job.files)
        self._ledger.advance_job(replace(job, state="queued", files=files))

    def _end(self, progress: Progress, error: Exception | None) -> None:
        """Write down how a job ended."""
        state = "done" if error is None else "cancelled" if isinstance(error, Cancelled) else "failed"
        if error is not None and state == "failed":
            failed("job failed", error, job=progress.job.id)
            progress.broke(_told(error))
        job = replace(progress.job, state=state, finished_at=now())
        if state == "cancelled":
            job = replace(job, files=cancelled(job.files))
        self._ledger.advance_job(job)
        self.spool.remove(job.id)
        outcomes = Counter(file.state for file in job.files)
        self._metrics.job_ended(state, outcomes)
        log("job", job=job.id, state=state, files=len(job.files), **outcomes)


def uri(job: JobRecord, name: str) -> str:
    """The uri of an uploaded file: `upload:///name`, or `upload://groups/name` if it is restricted.

    A later upload of the same name and groups takes its place. Who may not read a document can never
    replace it: its groups are in its uri.
    """
    return f"upload://{'+'.join(quote(group, safe='') for group in job.groups)}/{name}"


def _told(error: Exception) -> str:
    if isinstance(error, IngestError | ServiceError | GuardrailsError):
        return str(error)
    return "something is wrong in the server; its log says what"
