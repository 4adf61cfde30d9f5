"""`POST /v1/responses`: a question in OpenAI's newer shape; the same pipeline, the same guard."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.responses import Response as Reply

from service.answer import Delta, Event
from service.answered import ResponseShape
from service.presence import attended
from service.problems import Caught, problem
from service.response_request import ResponseRequest
from service.responses import Response, ResponseEvents
from service.routes.caller import ASKED, REFUSALS, Asking, Parts, streamed
from service.routes.chat import UNBUFFERED, Events, whole_answer
from service.telemetry import failed

router = APIRouter(tags=["answers"])


@router.post(
    "/v1/responses",
    summary="Ask, as a response",
    response_model=None,
    responses={**REFUSALS, **ASKED, 200: streamed(ResponseShape, "A response.")},
)
async def respond(body: ResponseRequest, asker: Asking, parts: Parts, request: Request) -> Reply:
    """Answer the last message of `input` from the caller's documents, in the shape of OpenAI's responses.

    A subset: text in, text or JSON out; no tools, and no response is kept. Beyond OpenAI, at the top level
    of the response: what chat completions add.
    """
    ask = body.ask(parts.settings.max_tokens).marked(asker.evaluation)
    response = Response(uuid.uuid4().hex, body.model, body.echo(), formed=body.form is not None)
    if not body.stream:
        answer = await attended(request, whole_answer(parts, asker.principal, ask))
        return JSONResponse(response.finished(answer, ask.conversation_id))
    events = Events(parts.startup.pipeline, asker.principal, ask, parts.metrics)
    first = await attended(request, events.first())
    shown = ResponseEvents(response)
    request.state.last_words = partial(_last_words, shown)
    sent = _sse(events, first, shown, ask.conversation_id)
    return StreamingResponse(sent, media_type="text/event-stream", headers=UNBUFFERED)


async def _sse(
    events: Events, first: Event, shown: ResponseEvents, conversation_id: str | None
) -> AsyncIterator[bytes]:
    """The answer as server-sent events; a failure is the last of them."""
    yield _data(shown.opening())
    with Caught() as caught:
        async with aclosing(events.after(first)) as following:
            async for event in following:
                if isinstance(event, Delta):
                    yield _data(shown.text(event))
                else:
                    yield _data(shown.closing(event, conversation_id))
    if caught.error is not None:
        failed("stream failed", caught.error)
        yield _last_words(shown, caught.error)


def _last_words(shown: ResponseEvents, error: Exception) -> bytes:
    """The end of a stream that breaks off, for `service.middleware.gate` too."""
    return _data(shown.failed(problem(error)))


def _data(events: list[dict[str, Any]]) -> bytes:
    written = (
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events
    )
    return "".join(written).encode("utf-8", "replace")
