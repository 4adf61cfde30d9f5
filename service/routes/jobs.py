"""`GET /v1/jobs/{id}`: how far an upload is."""

from anyio import to_thread
from fastapi import APIRouter

from service.replies import JobState
from service.routes.caller import MISSING, REFUSALS, Ingester, Parts

router = APIRouter(tags=["documents"])


@router.get(
    "/v1/jobs/{job_id}",
    summary="Follow an upload",
    response_model_exclude_none=True,
    responses={**REFUSALS, **MISSING},
)
async def read_job(job_id: str, caller: Ingester, parts: Parts) -> JobState:
    """The job's state and each file's outcome. The job is done when every file has one, good or bad."""
    return JobState.of(await to_thread.run_sync(parts.ledger.job, caller, job_id))
