"""`GET /v1/audit`: what the rails decided, for the tenant's administrators."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from service.replies import Audit, AuditEntry
from service.routes.caller import REFUSALS, Administrator, Parts

router = APIRouter(tags=["administration"])


@router.get("/v1/audit", summary="Decisions of the rails", responses=REFUSALS)
async def read_audit(
    caller: Administrator,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next` of the page before.")] = None,
) -> Audit:
    """Decisions in the caller's tenant, the newest first. No texts: hashes of the questions."""
    page = await to_thread.run_sync(parts.ledger.audit, caller, limit, cursor)
    return Audit(entries=[AuditEntry.model_validate(entry) for entry in page.entries], next=page.next)
