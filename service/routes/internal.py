"""`/internal/...`: the command line of this machine, reaching the data folder through its server.

Open to whoever can read the lock file's token, from this machine alone: `service.middleware.door` sees to it.
"""

import threading
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from guardrails.errors import GuardrailsError
from ingest.commands import run
from ingest.errors import IngestError, Misuse
from service.completions import completion
from service.errors import BadRequest, CallerGone, ServiceError, UnknownModel
from service.presence import attended
from service.problems import problem
from service.routes.caller import Parts
from service.routes.chat import whole_answer
from service.schemas import CommandRequest, InternalAsk

router = APIRouter(prefix="/internal", include_in_schema=False)

FAILED, MISUSE = 1, 2
# A sync may take hours: it must not hold a thread that requests wait for.
_COMMANDS = CapacityLimiter(8)


class _HungUp(threading.Event):
    """Set when the command line that waits for a command was ended."""

    def check(self) -> None:
        """Raises `CallerGone` then."""
        if self.is_set():
            raise CallerGone


@router.post("/ingest")
async def ingest(body: CommandRequest, parts: Parts, request: Request) -> Response:
    """Run an ingestion command; a sync ends between two publications when its command line does.

    The index is not optimised here: that would stop the whole server for seconds, and what is new is
    found without. The next start does it.
    """
    hung_up = _HungUp()

    def watch(_done: int, _of: int) -> None:
        parts.stop.check()
        hung_up.check()

    work = to_thread.run_sync(
        partial(run, parts.tools, body.command, body.arguments, watch),
        limiter=_COMMANDS,
        abandon_on_cancel=True,
    )
    try:
        return JSONResponse(await attended(request, work))
    except (IngestError, ServiceError, GuardrailsError) as error:
        return _refusal(error)
    finally:
        hung_up.set()


@router.post("/ask")
async def ask(body: InternalAsk, parts: Parts, request: Request) -> Response:
    """Answer a question as a principal that the local user names."""
    try:
        asked = body.ask(parts.settings.max_tokens)
        answer = await attended(request, whole_answer(parts, body.principal, asked))
    except (IngestError, ServiceError, GuardrailsError) as error:
        return _refusal(error)
    return JSONResponse(completion(answer, None))


def _refusal(error: Exception) -> JSONResponse:
    told = problem(error)
    misuse = isinstance(error, Misuse | BadRequest | UnknownModel)
    body = {"error": {"message": told.message, "exit_code": MISUSE if misuse else FAILED}}
    return JSONResponse(body, told.status)
