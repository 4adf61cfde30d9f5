"""`POST /v1/chat/completions`: a question in, a cited and guarded answer out."""

import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from ingest.access import Principal
from service.answer import Answer, Ask, Delta, Event
from service.answered import Completion
from service.completions import Chunks, completion
from service.errors import EngineFailed
from service.presence import attended
from service.problems import Caught, problem
from service.resources import Resources
from service.routes.caller import ASKED, REFUSALS, Asking, Parts, streamed
from service.schemas import ChatRequest
from service.startup import Answerer
from service.telemetry import Metrics, failed

router = APIRouter(tags=["answers"])

UNFINISHED = "the engine ended in the middle of the answer; ask again"
DONE = b"data: [DONE]\n\n"
# Proxies must not gather what should be seen as it is written.
UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@router.post(
    "/v1/chat/completions",
    summary="Ask",
    response_model=None,
    responses={**REFUSALS, **ASKED, 200: streamed(Completion, "A completion.")},
)
async def complete(body: ChatRequest, asker: Asking, parts: Parts, request: Request) -> Response:
    """Answer the last user message from the caller's documents, in the shape of OpenAI's chat completions.

    Beyond OpenAI, at the top level (streaming: of the last chunk before `[DONE]`): `citations`,
    `guardrails`, `answer_id`, `grounded`, `refused`, `timings_ms`, `conversation_id`, and for evaluations
    `context`.
    """
    ask = body.ask(parts.settings.max_tokens).marked(asker.evaluation)
    if not body.stream:
        answer = await attended(request, whole_answer(parts, asker.principal, ask))
        return JSONResponse(completion(answer, ask.conversation_id, formed=body.formed))
    events = Events(parts.startup.pipeline, asker.principal, ask, parts.metrics)
    first = await attended(request, events.first())
    request.state.last_words = _last_words
    chunks = Chunks(uuid.uuid4().hex, body.model, include_usage=body.include_usage, formed=body.formed)
    sent = _sse(events, first, chunks, ask.conversation_id)
    return StreamingResponse(sent, media_type="text/event-stream", headers=UNBUFFERED)


async def whole_answer(parts: Resources, caller: Principal, ask: Ask) -> Answer:
    """The answer to a question that is not streamed."""
    events = Events(parts.startup.pipeline, caller, ask, parts.metrics)
    async for event in events.after(await events.first()):
        if isinstance(event, Answer):
            return event
    raise EngineFailed(UNFINISHED)


class Events:
    """One answer's events: the first is fetched before anything is sent, so that errors have a status."""

    def __init__(self, pipeline: Answerer, caller: Principal, ask: Ask, metrics: Metrics) -> None:
        self._events = pipeline.answer(caller, ask)
        self._metrics = metrics

    async def first(self) -> Event:
        """The first event, or what the pipeline raises instead."""
        async for event in self._events:
            return event
        raise EngineFailed(UNFINISHED)

    async def after(self, first: Event) -> AsyncGenerator[Event, None]:
        """All events; the `Answer` comes when the pipeline has put it on record, so that it can be rated."""
        answer = first if isinstance(first, Answer) else None
        if isinstance(first, Delta):
            yield first
        async with aclosing(self._events) as rest:  # type: ignore[type-var]  # pipelines are generators
            async for event in rest:
                if isinstance(event, Delta):
                    yield event
                else:
                    answer = event
        if answer is None:
            raise EngineFailed(UNFINISHED)
        self._metrics.answered(answer)
        yield answer


async def _sse(
    events: Events, first: Event, chunks: Chunks, conversation_id: str | None
) -> AsyncIterator[bytes]:
    """The events as server-sent chunks; a failure is one `error` event. `[DONE]` ends it either way."""
    yield _data(chunks.role())
    with Caught() as caught:
        async with aclosing(events.after(first)) as following:
            async for event in following:
                if isinstance(event, Delta):
                    yield _data(chunks.text(event))
                    continue
                for chunk in chunks.last(event, conversation_id):
                    yield _data(chunk)
    if caught.error is None:
        yield DONE
        return
    failed("stream failed", caught.error)
    yield _last_words(caught.error)


def _last_words(error: Exception) -> bytes:
    """The end of a stream that breaks off, for `service.middleware.gate` too."""
    return _data(problem(error).body()) + DONE


def _data(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
