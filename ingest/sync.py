"""The way of a document into the index: load → clean → screen → chunk → embed → publish.

Idempotent: what did not change is not touched, what vanished is deleted, and a run that was killed
is completed by the next. One bad file never stops the others.
"""

import hashlib
import time
from collections.abc import Callable
from functools import partial

from guardrails.verdict import Verdict
from ingest.access import Principal
from ingest.batch import Batch
from ingest.changes import Changes, recipe
from ingest.chunk import chunk
from ingest.clean import clean
from ingest.documents import document_id
from ingest.edition import Edition, document, version
from ingest.errors import FileTooLarge, IngestError, NoReaders, NoTextFound, UnreadableFile, UnsupportedFile
from ingest.folder import Folders, Properties
from ingest.journal import Screened
from ingest.load import Loaded, Part
from ingest.order import Order, Tools
from ingest.prune import prune
from ingest.record import FileTrace
from ingest.report import Report
from ingest.scan import Found, survey
from ingest.screen import screened

Watch = Callable[[int, int], None]


def sync(tools: Tools, order: Order, watch: Watch = lambda _done, _of: None) -> Report:
    """Make the index hold what lies below the order's roots. `watch` is told how many files are done.

    Raises:
        EmbedderMismatch: the index belongs to another embedder.
        PolicyError: the tenant's policy cannot be read.
        StoreFault, CatalogFault: the index failed; run again to complete.
    """
    began = time.monotonic()
    tools.library.check_embedder()
    run = _Run(tools, order)
    met = survey(order.roots)
    for done, found in enumerate(met.found):
        watch(done, len(met.found))
        run.take(found)
    run.batch.publish(run.changes, run.report)
    run.report.skipped += met.odd
    run.report.failed += met.unseen
    prune(tools, order, met, run.changes, run.report)
    tools.library.imprint()
    watch(len(met.found), len(met.found))
    run.report.seconds = time.monotonic() - began
    return run.report


class _Run:
    """One sync under way."""

    def __init__(self, tools: Tools, order: Order) -> None:
        tenant = order.properties.access.tenant
        self._tools, self._tenant, self._subject = tools, tenant, order.subject
        self._screening = tools.screens.of(tenant)
        self._recipe = self._screening.recipe
        self._folders = Folders(order.properties)
        self.changes = Changes(tools.library.catalog, Principal.administrator(tenant), order.roots)
        self.batch = Batch(tools.library, tenant, tools.batch)
        self.report = Report()

    def take(self, found: Found) -> None:
        """Do whatever the file needs. What is wrong with it goes into the report."""
        try:
            self._take(found, self._folders.of(found.path))
        except IngestError as error:
            self._refuse(found.uri, error)
            if isinstance(error, NoReaders):
                self.changes.read(found.uri)  # whoever could read the last version may not any more
            elif not isinstance(error, UnsupportedFile):
                self.changes.keep_file(found.uri)

    def _take(self, found: Found, properties: Properties) -> None:
        made_by = recipe(properties, self._recipe, self._tools.sizes)
        if self.changes.same(found, made_by):
            self._unchanged(found)
            return
        data = _bytes(found, self._tools.max_bytes)
        content = hashlib.sha256(data).hexdigest()
        trace = FileTrace(found.uri, found.stamp, content, made_by)
        if self.changes.same(found, made_by, content):
            self._unchanged(found)
            self.batch.trace(trace)
            return
        loaded = self._tools.loader.load(data, found.path.name)
        self.changes.read(found.uri)
        if self._take_parts(found, loaded, properties):
            self.batch.trace(trace)
        if self.batch.full:
            self.batch.publish(self.changes, self.report)

    def _take_parts(self, found: Found, loaded: Loaded, properties: Properties) -> bool:
        """Take the file's own text and what is inside it; False if any of it was refused."""
        refused = [(rejected.member, rejected.error) for rejected in loaded.rejected]
        for part in loaded.parts:
            try:
                self._take_part(found, part, properties)
            except IngestError as error:
                refused.append((part.member, error))
        for member, reason in refused:
            self._refuse(_uri(found, member), reason)
            if not isinstance(reason, UnsupportedFile):
                self.changes.keep(_uri(found, member))
        return not refused

    def _take_part(self, found: Found, part: Part, properties: Properties) -> None:
        """The way, for one text."""
        uri = _uri(found, part.member)
        extract, flags = screened(self._screening.screen, clean(part.extract), partial(self._note, uri))
        made = document(uri, extract, properties, flags)
        name = version(made, found.uri, str(self._tools.sizes))
        before = self.changes.record(made.uri)
        if before is not None and before.version == name:
            self.changes.keep(made.uri)
            self.report.unchanged += 1
            return
        chunks = tuple(chunk(made, self._tools.sizes))
        if not chunks:
            raise NoTextFound("there are no words in it", "remove it, or give it a text")
        self.batch.add(Edition(made, found.uri, name, chunks))
        self.changes.arrive(made.uri, made.content_hash)

    def _note(self, uri: str, verdict: Verdict) -> None:
        name = document_id(self._tenant, uri)
        noted = Screened(self._tenant, self._subject, name, self._screening.policy, verdict)
        self._tools.journal.note(noted)

    def _unchanged(self, found: Found) -> None:
        self.changes.keep_file(found.uri)
        self.report.unchanged += self.changes.held(found.uri)

    def _refuse(self, uri: str, error: IngestError) -> None:
        outcomes = self.report.skipped if isinstance(error, UnsupportedFile) else self.report.failed
        outcomes.append((uri, str(error)))


def _bytes(found: Found, limit: int) -> bytes:
    if found.size > limit:
        allowed = f"{limit / 2**20:g} MiB"
        raise FileTooLarge(
            f"{found.size / 2**20:.1f} MiB, more than {allowed}", "split it or raise the limit"
        )
    try:
        return found.path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"cannot be read ({error.strerror})", "check its permissions") from error


def _uri(found: Found, member: str) -> str:
    return f"{found.uri}!/{member}" if member else found.uri
