"""A text leaves quarantine: an administrator's decision, on record before anything follows from it."""

from pathlib import Path

from guardrails.verdict import Action, Finding, Verdict
from ingest.access import Principal
from ingest.documents import document_id
from ingest.folder import Properties
from ingest.journal import Screened
from ingest.order import Order, Tools
from ingest.quarantine import Case
from ingest.report import Report
from ingest.scan import Root
from ingest.sync import Watch, sync


def release(tools: Tools, principal: Principal, uri: str, watch: Watch) -> tuple[Case, Report | None]:
    """Let the text at `uri` through, for good and as long as it stays as it is; index it.

    Its file is synced if it is still where it was read, with whatever it holds now; an upload is not, and
    has to be brought again: then there is no report.

    Raises:
        NotIndexed: nothing is in quarantine there, or the principal is not the tenant's administrator.
        NoRecord: the decision could not be put on record; nothing is released.
    """
    quarantine = tools.library.catalog.quarantine
    case = quarantine.case(principal, uri)
    policy = tools.screens.of(principal.tenant).policy
    verdict = Verdict(Action.FLAG, "", tuple(_decided(case, principal)))
    name = document_id(principal.tenant, uri)
    tools.journal.note(Screened(principal.tenant, principal.subject, name, policy, verdict))
    quarantine.release(principal, case)
    if not Path(case.path).is_file():
        return case, None
    order = Order((Root(Path(case.path), case.file),), Properties(case.access), subject=principal.subject)
    return case, sync(tools, order, watch)


def _decided(case: Case, principal: Principal) -> list[Finding]:
    """What was found, as it is put on record now: let through, by whom, which text."""
    reason = f"released from quarantine by {principal.subject}: text {case.content_hash}"
    return [
        Finding(rail, label, Action.FLAG, 1.0, 0, 0, reason)
        for (rail, label, action) in sorted(case.findings)
        if action == Action.BLOCK
    ]
