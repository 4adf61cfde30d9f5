"""What callers get back of jobs, as pydantic models."""

from dataclasses import asdict
from typing import Any, Literal, Self

from pydantic import BaseModel

from service.records import JobRecord

State = Literal["queued", "running", "done", "failed", "cancelled"]


class FileState(BaseModel):
    """A file of an upload; what is not known of it, such as the `error` of one without, is left out."""

    name: str
    state: Literal["queued", "running", "done", "skipped", "failed", "cancelled"]
    error: str | None = None
    document_id: str | None = None
    bytes: int | None = None
    chunks: int | None = None


class JobSummary(BaseModel):
    """How far an upload is: `done` of `total` files have their outcome, good or bad, and `failed` a bad one.

    `bytes` were received, `chunks` are in the index.
    """

    id: str
    state: State
    total: int
    done: int
    failed: int
    bytes: int
    chunks: int
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None

    @classmethod
    def of(cls, job: JobRecord) -> Self:
        """Build from the ledger's record."""
        return cls(**_counted(job))


class JobState(JobSummary):
    """How far an upload is, file by file."""

    files: list[FileState]

    @classmethod
    def of(cls, job: JobRecord) -> Self:
        """Build from the ledger's record."""
        return cls(**_counted(job), files=[FileState.model_validate(asdict(file)) for file in job.files])


def _counted(job: JobRecord) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": job.state,
        "total": len(job.files),
        "done": sum(file.ended for file in job.files),
        "failed": sum(file.state == "failed" for file in job.files),
        "bytes": sum(file.bytes or 0 for file in job.files),
        "chunks": sum(file.chunks or 0 for file in job.files),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


class JobList(BaseModel):
    """Jobs, the newest first, and the cursor of the next page (null after the last)."""

    jobs: list[JobSummary]
    next: str | None
