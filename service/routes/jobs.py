"""`/v1/jobs`: how far uploads are."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from service.job_replies import JobList, JobState, JobSummary, State
from service.replies import Error
from service.routes.caller import MISSING, REFUSALS, Ingester, Parts, Responses

router = APIRouter(prefix="/v1/jobs", tags=["documents"])

OVER: Responses = {409: {"model": Error, "description": "It has ended."}}


@router.get("", summary="List uploads", responses=REFUSALS)
async def list_jobs(
    caller: Ingester,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
) -> JobList:
    """A page of the caller's own jobs, the newest first; administrators see all of the tenant."""
    page = await to_thread.run_sync(parts.ledger.jobs, caller, limit, cursor, state)
    return JobList(jobs=[JobSummary.of(job) for job in page.jobs], next=page.next)


@router.get(
    "/{job_id}",
    summary="Follow an upload",
    response_model_exclude_none=True,
    responses={**REFUSALS, **MISSING},
)
async def read_job(job_id: str, caller: Ingester, parts: Parts) -> JobState:
    """The job's state and each file's outcome. The job is done when every file has one, good or bad."""
    return JobState.of(await to_thread.run_sync(parts.ledger.job, caller, job_id))


@router.post(
    "/{job_id}/cancel",
    summary="Cancel an upload",
    response_model_exclude_none=True,
    responses={**REFUSALS, **MISSING, **OVER},
)
async def cancel_job(job_id: str, caller: Ingester, parts: Parts) -> JobState:
    """End a job: one that waits at once, one that runs between two files. What it has indexed stays."""
    return JobState.of(await to_thread.run_sync(parts.jobs.cancel, caller, job_id))
