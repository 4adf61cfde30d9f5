"""Deleting what vanished, unless so much did that a share is probably not mounted."""

from collections.abc import Iterable, Iterator
from itertools import islice

from ingest.access import Principal
from ingest.changes import Changes
from ingest.order import Order, Tools
from ingest.record import Record
from ingest.report import Report
from ingest.scan import Root

# Documents in memory at a time.
PAGE = 500


def prune(tools: Tools, order: Order, changes: Changes, known: dict[Root, int], report: Report) -> None:
    """Delete documents whose file, or place in a file, is gone; a root left alone is listed as failed.

    `known`: how many documents each root had before the sync.
    """
    principal = Principal.administrator(order.properties.access.tenant)
    for root in order.roots:
        gone, (lost, renamed) = changes.emptied(root), _vanished(changes, root)
        if lost > known[root] * tools.prune_fraction and not order.prune:
            report.failed.append((root.uri, _question(lost, known[root])))
        else:
            gone = changes.gone(root)
            report.renamed += renamed
        for records in _pages(gone):
            if not order.dry:
                tools.library.remove(principal, records)
            report.lose(records)


def settle(tools: Tools, order: Order, report: Report) -> None:
    """What can be said once all is published: what is a copy of what, and what is no longer in quarantine."""
    library, catalog = tools.library, tools.library.catalog
    library.imprint()
    failed = {uri for uri, _ in report.failed}
    catalog.quarantine.settle(order.tenant, [root.uri for root in order.roots], failed)
    principal = Principal.administrator(order.tenant)
    for root in order.roots:
        report.duplicates += catalog.copies.below(principal, root.uri)


def _vanished(changes: Changes, root: Root) -> tuple[int, list[tuple[str, str]]]:
    """How many documents are lost, and those that turned up at another uri, as a renamed file does."""
    lost, renamed = 0, []
    for record in changes.vanished(root):
        now = changes.survey.claim(record.content_hash)
        if now is None:
            lost += 1
        else:
            renamed.append((record.uri, now))
    return lost, renamed


def _pages(records: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while page := list(islice(rest, PAGE)):
        yield page


def _question(lost: int, known: int) -> str:
    return (
        f"nothing deleted: {lost} of {known} documents are gone, as when a share is not mounted; "
        "if they are gone for good, run again with --prune"
    )
