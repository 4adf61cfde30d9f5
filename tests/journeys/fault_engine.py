"""An engine in a process of its own: OpenAI's streaming wire format, and a mood that tests set over HTTP.

`python fault_engine.py PORT`. The moods: `well`; `held`: a first sentence, then a second one that goes on
word by word until the mood is another; `silent`: nothing at all until the caller leaves. `GET /seen` counts
the questions that came, and those whose caller left before the end.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SENTENCES = (
    "Every full-time employee gets 28 days of annual leave a year [1].",
    " Up to five unused days of leave can be carried over to the next year [1].",
)
TICK = 0.2  # seconds between two words of a sentence that is held


class Engine:
    """What it does next, and what it has seen."""

    def __init__(self) -> None:
        self.mood, self.asked, self.aborted = "well", 0, 0

    async def models(self, _: Request) -> Response:
        """A probe."""
        return JSONResponse({"object": "list", "data": []})

    async def feel(self, request: Request) -> Response:
        """Set the mood."""
        self.mood = (await request.body()).decode()
        return Response()

    async def seen(self, _: Request) -> Response:
        """The counts."""
        return JSONResponse({"asked": self.asked, "aborted": self.aborted})

    async def complete(self, request: Request) -> Response:
        """A question."""
        await request.json()
        self.asked += 1
        if self.mood != "silent":
            return StreamingResponse(self._events(), media_type="text/event-stream")
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.aborted += 1
        return Response()

    async def _events(self) -> AsyncIterator[str]:
        ended, words = False, 0
        try:
            yield _text(SENTENCES[0])
            while self.mood == "held":
                words += 1
                yield _text(" Yes,")
                await asyncio.sleep(TICK)
            yield _text(SENTENCES[1])
            yield _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
            usage = {"prompt_tokens": 100, "completion_tokens": 30 + words, "total_tokens": 130 + words}
            yield _chunk([], usage=usage)
            yield "data: [DONE]\n\n"
            ended = True
        finally:
            self.aborted += not ended


def _text(text: str) -> str:
    return _chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}])


def _chunk(choices: list[Any], **more: Any) -> str:
    body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
    return f"data: {json.dumps(body | more)}\n\n"


def main() -> None:
    """Serve until killed."""
    engine = Engine()
    routes = [
        Route("/v1/models", engine.models),
        Route("/v1/chat/completions", engine.complete, methods=["POST"]),
        Route("/mood", engine.feel, methods=["POST"]),
        Route("/seen", engine.seen),
    ]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_config=None, lifespan="off")


if __name__ == "__main__":
    main()
