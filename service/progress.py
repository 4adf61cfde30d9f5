"""How far a job has come: each file's outcome as it happens, written down between two publications."""

import threading
from collections.abc import Iterable
from dataclasses import replace

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.documents import document_id
from ingest.errors import IngestError, UnsupportedFile
from ingest.take import Taken
from service.ledger import Ledger
from service.records import FileRecord, JobRecord

Refusals = Iterable[tuple[str, str]]


class Cancelled(Exception):
    """Somebody asked to cancel the job."""


class Progress:
    """A job under way. A sync tells it of files in one thread, and has it look and write in another."""

    def __init__(self, job: JobRecord, uris: dict[str, str], ledger: Ledger, catalog: Catalog) -> None:
        """`uris`: of each file's name, the uri that its document has."""
        self._job, self._ledger, self._catalog = job, ledger, catalog
        self._uris, self._names = uris, {uri: name for name, uri in uris.items()}
        self._files = {file.name: file for file in job.files}
        self._turn = threading.Lock()
        self._news = False

    @property
    def job(self) -> JobRecord:
        """The job with its files as they are now."""
        with self._turn:
            return replace(self._job, files=tuple(self._files.values()))

    def told(self, taken: Taken) -> None:
        """A file is done."""
        uri = taken.known.found.uri
        refused = dict(taken.refused)
        own = refused.pop(uri, None)
        if own is not None:
            self._refuse(uri, "skipped" if isinstance(own, UnsupportedFile) else "failed", str(own))
        else:
            self._end(uri, refused)

    def refused(self, skipped: Refusals, failed: Refusals) -> None:
        """Files that a sync never came to read; of those that it was told of nothing changes."""
        for state, refusals in (("skipped", skipped), ("failed", failed)):
            for uri, why in refusals:
                if uri in self._names and not self._files[self._names[uri]].ended:
                    self._refuse(uri, state, why)

    def broke(self, why: str) -> None:
        """Files that have no outcome failed, with the whole job."""
        for name, file in self._files.items():
            if not file.ended:
                self._refuse(self._uris[name], "failed", why)

    def look(self) -> None:
        """Write down what is new.

        Raises:
            Cancelled: the job shall end.
        """
        with self._turn:
            news, self._news = self._news, False
        job = self._job.id
        if self._ledger.advance_job(self.job) if news else self._ledger.is_cancelled(job):
            raise Cancelled

    def _refuse(self, uri: str, state: str, why: str) -> None:
        file = self._files[self._names[uri]]
        self._set(replace(file, state=state, error=why))

    def _end(self, uri: str, refused: dict[str, IngestError]) -> None:
        """A file was read: it is done if any of it, or nothing at all, came of that."""
        held = self._catalog.held_in(Principal.administrator(self._job.tenant), uri)
        error = _inside(uri, refused)
        if error is not None and not held:
            skipped = all(isinstance(why, UnsupportedFile) for why in refused.values())
            self._refuse(uri, "skipped" if skipped else "failed", error)
            return
        own = document_id(self._job.tenant, uri)
        made = own if any(record.document_id == own for record in held) else None  # an archive is none
        file, chunks = self._files[self._names[uri]], sum(record.chunks for record in held)
        self._set(replace(file, state="done", error=error, document_id=made, chunks=chunks))

    def _set(self, file: FileRecord) -> None:
        with self._turn:
            self._files[file.name] = file
            self._news = True


def _inside(uri: str, refused: dict[str, IngestError]) -> str | None:
    """What was wrong with what an archive or an e-mail holds."""
    told = (f"{where[len(uri) + 2 :]}: {why}" for where, why in refused.items())
    return "; ".join(told) or None
