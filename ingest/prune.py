"""Deleting what vanished, unless so much did that a share is probably not mounted."""

from ingest.access import Principal
from ingest.changes import Changes
from ingest.order import Order, Tools
from ingest.report import Report
from ingest.scan import Survey


def prune(tools: Tools, order: Order, met: Survey, changes: Changes, report: Report) -> None:
    """Delete documents whose file, or place in a file, is gone; a root left alone is listed as failed."""
    unseen = {uri for uri, _ in met.unseen}
    gone = {record.uri: record for record in changes.emptied()}
    for root in order.roots:
        vanished = changes.vanished(root, unseen)
        lost, known = changes.lost(vanished), changes.known(root)
        if lost > known * tools.prune_fraction and not order.prune:
            report.failed.append((root.uri, _question(lost, known)))
        else:
            gone |= {record.uri: record for record in vanished}
    principal = Principal.administrator(order.properties.access.tenant)
    tools.library.remove(principal, list(gone.values()))
    report.deleted = len(gone)


def _question(lost: int, known: int) -> str:
    return (
        f"nothing deleted: {lost} of {known} documents are gone, as when a share is not mounted; "
        "if they are gone for good, run again with --prune"
    )
