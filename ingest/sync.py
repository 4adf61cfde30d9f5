"""The way of a document into the index: read → clean, screen, chunk → embed → publish.

Idempotent: what did not change is not touched, what vanished is deleted, and a run that was killed
is completed by the next. One bad file never stops the others. The stages work at the same time, each a
bounded number of files ahead of the next, so that the embedder, which is the slowest, never waits.
"""

import time
from collections.abc import Callable

from ingest.access import Principal
from ingest.batch import Counting, Embedding, Publishing
from ingest.changes import Changes
from ingest.engine import Way
from ingest.folder import Folders
from ingest.formats import abilities
from ingest.journal import NoJournal
from ingest.order import Order, Tools
from ingest.pipeline import Line
from ingest.prune import prune, settle
from ingest.report import Report
from ingest.survey import Survey
from ingest.take import Preparing, Reading

Watch = Callable[[int, int], None]


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
        counting = Counting(survey, report, order.told)
        by = tools.library.embedder.name
        last = counting if order.dry else Publishing(tools.library, order.tenant, counting, by)
        with Line() as line:
            made = order.engine.made(line, _way(tools, order), changes.known())
            line.finish(line.stage(last, made), lambda: watch(report.files, of))
        report.skipped += survey.odd
        report.failed += survey.unseen
        prune(tools, order, changes, known, report)
    if not order.dry:
        settle(tools, order, report)
    report.seconds = time.monotonic() - began
    return report


def _way(tools: Tools, order: Order) -> Way:
    """Every file's way up to publication. Of a dry run nothing is noted, and nothing embedded."""
    screening = tools.screens.of(order.tenant)
    recipe = (screening.recipe, str(tools.sizes), abilities())
    reading = Reading(tools.loader, Folders(order.properties), recipe, tools.max_bytes)
    journal = NoJournal() if order.dry else tools.journal
    released = tools.library.catalog.quarantine.released(order.tenant)
    access = order.properties.access
    preparing = Preparing(screening, journal, tools.sizes, order.subject, access, released)
    embedding = None if order.dry else Embedding(tools.library.embedder)
    return Way(reading, preparing, embedding, tools.readers, tools.batch)
