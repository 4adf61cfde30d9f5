"""The gate: open until the server stops; then only those who are inside are still served."""

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.drain import Drain
from service.errors import Stopping
from service.middleware.addresses import QUIET
from service.middleware.body import drain
from service.problems import problem

EVENTS = "text/event-stream"


class Gate:
    """Turns requests away once the server stops, and cuts those short that outstay its grace."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on while it is open; those who look after the server may always come in."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
        elif self._drain.begun:
            await drain(receive)
            await problem(Stopping()).response()(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            await send(message)

        try:
            with self._drain.request() as limit:
                async with limit:
                    await self._app(scope, receive, sending)
        except TimeoutError:
            if not limit.expired():
                raise
            # Outside of the block above: the end of the server does not wait for a caller who reads slowly.
            if start is None:
                await problem(Stopping()).response()(scope, receive, send)
            elif Headers(raw=start["headers"]).get("content-type", "").startswith(EVENTS):
                await send({"type": "http.response.body", "body": _last_words()})


def _last_words() -> bytes:
    """The end of a stream that was cut short: an error, as for any failure in the middle of one."""
    return f"data: {json.dumps(problem(Stopping()).body())}\n\ndata: [DONE]\n\n".encode()
