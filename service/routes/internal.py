"""`/internal/...`: the command line of this machine, reaching the data folder through its server.

Open to whoever can read the lock file's token, from this machine alone: `service.middleware.door` sees to it.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from guardrails.errors import GuardrailsError
from ingest import remote
from ingest.commands import run
from ingest.errors import IngestError, Misuse
from ingest.sync import Watch
from service.completions import completion
from service.errors import BadRequest, CallerGone, ServiceError, UnknownModel
from service.presence import attended
from service.problems import problem
from service.resources import Resources
from service.routes.caller import Parts
from service.routes.chat import whole_answer
from service.schemas import CommandRequest, InternalAsk

router = APIRouter(prefix="/internal", include_in_schema=False)

FAILED, MISUSE = 1, 2
PAUSE = 0.5  # seconds between two looks at a command's progress
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
    if remote.LINES in request.headers.get("accept", ""):
        return StreamingResponse(_followed(body, parts, hung_up), media_type=remote.LINES)

    def watch(_done: int, _of: int) -> None:
        parts.stop.check()
        hung_up.check()

    try:
        return JSONResponse(await attended(request, _run(body, parts, watch)))
    except (IngestError, ServiceError, GuardrailsError) as error:
        return _refusal(error)
    finally:
        hung_up.set()


async def _followed(body: CommandRequest, parts: Resources, hung_up: _HungUp) -> AsyncIterator[bytes]:
    """The command's progress, a line each time that it has some, then its result."""
    done, of, told = 0, 0, (0, 0)

    def watch(now: int, all_: int) -> None:
        nonlocal done, of
        done, of = now, all_
        parts.stop.check()
        hung_up.check()

    command = asyncio.ensure_future(_run(body, parts, watch))
    try:
        while not (await asyncio.wait({command}, timeout=PAUSE))[0]:
            if told != (done, of):
                told = done, of
                yield _line({"done": done, "of": of})
        yield _line({"result": await command})
    except (IngestError, ServiceError, GuardrailsError) as error:
        yield _line(_told(error))
    finally:
        hung_up.set()
        command.cancel()


async def _run(body: CommandRequest, parts: Resources, watch: Watch) -> dict[str, Any]:
    return await to_thread.run_sync(
        partial(run, parts.tools, body.command, body.arguments, watch),
        limiter=_COMMANDS,
        abandon_on_cancel=True,
    )


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


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
    return JSONResponse(_told(error), problem(error).status)


def _told(error: Exception) -> dict[str, Any]:
    misuse = isinstance(error, Misuse | BadRequest | UnknownModel)
    return {"error": {"message": problem(error).message, "exit_code": MISUSE if misuse else FAILED}}
