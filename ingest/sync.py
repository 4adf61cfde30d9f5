"""The way of a document into the index: read → clean, screen, chunk → embed → publish.

Idempotent: what did not change is not touched, what vanished is deleted, and a run that was killed
is completed by the next. One bad file never stops the others. The stages work at the same time, each a
bounded number of files ahead of the next, so that the embedder, which is the slowest, never waits.
"""

import time
from collections.abc import Callable, Iterator

from ingest.access import Principal
from ingest.batch import Batch, Counting, Embedding, Publishing, batches
from ingest.changes import Changes
from ingest.folder import Folders
from ingest.journal import NoJournal
from ingest.order import Order, Tools
from ingest.pipeline import Line
from ingest.prune import prune
from ingest.report import Report
from ingest.survey import Survey
from ingest.take import Preparing, Reading

Watch = Callable[[int, int], None]

# Files that are read, and texts that are ready, before they are needed.
READ_AHEAD, PREPARED_AHEAD, BATCHES_AHEAD = 16, 16, 2


def sync(tools: Tools, order: Order, watch: Watch = lambda _done, _of: None) -> Report:
    """Make the index hold what lies below the order's roots.

    `watch` is told how many files are done, twice a second; what it raises stops the sync, between two
    publications.

    Raises:
        EmbedderMismatch: the index belongs to another embedder.
        PolicyError: the tenant's policy cannot be read.
        StoreFault, CatalogFault: the index failed; run again to complete.
    """
    began = time.monotonic()
    tools.library.check_embedder()
    report = Report(dry=order.dry)
    with Survey(order.roots, order.only) as survey:
        changes = Changes(tools.library.catalog, Principal.administrator(order.tenant), survey)
        known = {root: changes.count(root) for root in order.roots}
        of = len(survey)
        with Line() as line:
            prepared = _prepared(line, tools, order, changes)
            published = _published(line, prepared, tools, order, Counting(survey, report, order.told))
            line.finish(published, lambda: watch(report.files, of))
        report.skipped += survey.odd
        report.failed += survey.unseen
        prune(tools, order, changes, known, report)
    if not order.dry:
        tools.library.imprint()
    report.seconds = time.monotonic() - began
    return report


def _prepared(line: Line, tools: Tools, order: Order, changes: Changes) -> Iterator[Batch]:
    """Every file's way up to its chunks."""
    screening = tools.screens.of(order.tenant)
    recipe = (screening.recipe, str(tools.sizes))
    reading = Reading(tools.loader, Folders(order.properties), recipe, tools.max_bytes)
    journal = NoJournal() if order.dry else tools.journal
    preparing = Preparing(screening, journal, tools.sizes, order.subject)
    read = line.stage(reading, changes.known(), threads=tools.readers, ahead=READ_AHEAD)
    return batches(line.stage(preparing, read, ahead=PREPARED_AHEAD), tools.batch)


def _published(
    line: Line, prepared: Iterator[Batch], tools: Tools, order: Order, counting: Counting
) -> Iterator[None]:
    """The chunks' way into the index; of a dry run they are only counted."""
    if order.dry:
        return line.stage(counting, prepared)
    embedded = line.stage(Embedding(tools.library.embedder), prepared, ahead=BATCHES_AHEAD)
    return line.stage(Publishing(tools.library, order.tenant, counting), embedded)
