"""The way of a document into the index: read → clean, screen, chunk → embed → publish.

Idempotent: what did not change is not touched, what vanished is deleted, and a run that was killed
is completed by the next. One bad file never stops the others. The stages work at the same time, each a
bounded number of files ahead of the next, so that the embedder, which is the slowest, never waits.
"""

import time
from collections.abc import Callable

from ingest.access import Principal
from ingest.batch import Embedding, Publishing, batches
from ingest.changes import Changes
from ingest.folder import Folders
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
    report = Report()
    with Survey(order.roots) as survey:
        changes = Changes(tools.library.catalog, Principal.administrator(order.tenant), survey)
        known = {root: changes.count(root) for root in order.roots}
        _take(tools, order, changes, report, watch)
        report.skipped += survey.odd
        report.failed += survey.unseen
        prune(tools, order, changes, known, report)
    tools.library.imprint()
    report.seconds = time.monotonic() - began
    return report


def _take(tools: Tools, order: Order, changes: Changes, report: Report, watch: Watch) -> None:
    """Every file's way."""
    screening = tools.screens.of(order.tenant)
    recipe = (screening.recipe, str(tools.sizes))
    reading = Reading(tools.loader, Folders(order.properties), recipe, tools.max_bytes)
    preparing = Preparing(screening, tools.journal, tools.sizes, order.subject)
    publishing = Publishing(tools.library, order.tenant, changes.survey, report, order.told)
    of = len(changes.survey)
    with Line() as line:
        read = line.stage(reading, changes.known(), threads=tools.readers, ahead=READ_AHEAD)
        prepared = line.stage(preparing, read, ahead=PREPARED_AHEAD)
        embedded = line.stage(
            Embedding(tools.library.embedder), batches(prepared, tools.batch), ahead=BATCHES_AHEAD
        )
        line.finish(line.stage(publishing, embedded), lambda: watch(report.files, of))
