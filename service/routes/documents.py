"""`/v1/documents`: what is indexed, as far as the caller may see it; and uploads."""

import uuid
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Query, Request

from ingest.access import Principal
from service.errors import Forbidden, ServiceError
from service.replies import Accepted, Deleted, DocumentEntry, Documents, DocumentText, Error
from service.resources import Resources
from service.routes.caller import MISSING, REFUSALS, Chatter, Ingester, Parts
from service.uploads import Limits, Upload, receive, while_there_is_room

router = APIRouter(prefix="/v1/documents", tags=["documents"])

SAID = {
    "groups": "Who may read them, with commas; empty: the whole tenant.",
    "labels": "Labels for policies and filters, such as `confidential`, with commas.",
    "language": "Their language, such as `en`.",
    "expires": "The last day on which they hold, such as 2027-01-31.",
    "license": "Under which license they may be used.",
}
# The body is read by hand, file by file; this describes it.
FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    **{name: {"type": "string", "description": told} for name, told in SAID.items()},
                },
            }
        }
    },
}


@router.post(
    "",
    status_code=202,
    summary="Upload",
    openapi_extra={"requestBody": FORM},
    responses={
        **REFUSALS,
        400: {"model": Error, "description": "The form is broken."},
        413: {"model": Error, "description": "A file, or the whole, is too large."},
        415: {"model": Error, "description": "Nothing in it can be read."},
        507: {"model": Error, "description": "The server's disk is full."},
    },
)
async def upload(request: Request, caller: Ingester, parts: Parts) -> Accepted:
    """Take files in; a job indexes them. A file replaces an earlier upload of its name and groups."""
    job_id = f"job-{uuid.uuid4().hex}"
    take = partial(parts.jobs.spool.take, caller.tenant, job_id)
    limits = Limits(parts.settings.max_upload_bytes, parts.settings.max_upload_files, take)
    body = request.stream()
    accepted = False
    try:
        received = await receive(
            request.headers.get("content-type", ""), body, parts.jobs.place(job_id), limits
        )
        _check_groups(caller, received)
        with while_there_is_room():
            await to_thread.run_sync(parts.jobs.submit, caller, job_id, received)
        accepted = True
    except ServiceError:
        await _drain(body, limits.file_bytes)
        raise
    finally:
        # Also when the caller hangs up or the disk is full: nobody would come back for these files.
        if not accepted:
            with CancelScope(shield=True):
                await to_thread.run_sync(parts.jobs.spool.remove, job_id)
    return Accepted(job_id=job_id)


@router.get("", summary="List", responses=REFUSALS)
async def list_documents(
    caller: Chatter,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[str | None, Query(max_length=10_000, description="`next` of the page before.")] = None,
) -> Documents:
    """A page of the documents that the caller may read, in the order of their uris."""
    page = await to_thread.run_sync(parts.tools.library.documents, caller, limit, cursor)
    entries = [DocumentEntry.model_validate(record.listing()) for record in page.records]
    return Documents(documents=entries, next=page.next)


@router.get("/{document_id}", summary="Read", responses={**REFUSALS, **MISSING})
async def read_document(document_id: str, caller: Chatter, parts: Parts) -> DocumentText:
    """One document with its cleaned text: a citation's `text[start:end]` is its quote."""
    return DocumentText.of(await to_thread.run_sync(parts.tools.library.document, caller, document_id))


@router.delete("/{document_id}", summary="Delete", responses={**REFUSALS, **MISSING})
async def delete_document(document_id: str, caller: Ingester, parts: Parts) -> Deleted:
    """Take a document away. A sync of the folder that it came from brings it back."""
    await to_thread.run_sync(_delete, parts, caller, document_id)
    return Deleted(document_id=document_id)


def _delete(parts: Resources, caller: Principal, document_id: str) -> None:
    library = parts.tools.library
    library.remove(caller, [library.document(caller, document_id)])


def _check_groups(caller: Principal, received: Upload) -> None:
    """Nobody may hand documents to groups that they are not in; administrators may."""
    foreign = received.groups - caller.groups
    if foreign and not caller.every_group and "admin" not in caller.scopes:
        raise Forbidden(f"the key is not in {', '.join(sorted(foreign))}: name groups of its own, or none")


async def _drain(body: AsyncIterator[bytes], at_most: int) -> None:
    """A caller who is still sending does not read the refusal: take some more in, and drop it."""
    taken = 0
    async for data in body:
        taken += len(data)
        if taken > at_most:
            return
