"""`GET /v1/audit`: what the rails decided, for the tenant's administrators."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from service.replies import AuditEntry, AuditList
from service.routes.caller import REFUSALS, Administrator, Parts
from service.schemas import AuditQuery

router = APIRouter(tags=["administration"])


@router.get("/v1/audit", summary="Decisions of the rails", responses=REFUSALS)
async def read_audit(caller: Administrator, parts: Parts, asked: Annotated[AuditQuery, Query()]) -> AuditList:
    """Decisions in the caller's tenant, the newest first. Hashes of texts, unless the policy keeps texts."""
    page = await to_thread.run_sync(parts.audit.page, caller, asked.wanted, asked.limit, asked.cursor)
    return AuditList(entries=[AuditEntry.model_validate(entry) for entry in page.entries], next=page.next)
