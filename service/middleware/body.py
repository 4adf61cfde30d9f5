"""The body of a request: how much of one is taken in, and handing one on that has been read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import CallerGone, TooLarge
from service.middleware.addresses import INTERNAL, UPLOADS
from service.problems import problem

# A caller who is still sending does not read; so much of a refused body is taken in first.
DRAINED = 64 * 2**20


class Limit:
    """Refuses requests larger than `limit` bytes while they arrive; uploads look after themselves.

    The command line's requests (a batch of queries) may have `internal` bytes.
    """

    def __init__(self, app: ASGIApp, limit: int, internal: int) -> None:
        self._app = app
        self._limit, self._internal = limit, internal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then pass the request on with it."""
        if scope["type"] != "http" or scope["path"] == UPLOADS:
            await self._app(scope, receive, send)
            return
        limit = self._internal if scope["path"].startswith(INTERNAL) else self._limit
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                await problem(CallerGone()).response()(scope, receive, send)
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await drain(receive) if more else None
                error = TooLarge(f"the request is larger than {limit} bytes: send less")
                await problem(error).response()(scope, receive, send)
                return
        await self._app(scope, replayed(bytes(body), receive), send)


def replayed(body: bytes, receive: Receive) -> Receive:
    """The body again, at once; then whatever comes after it: the caller's hanging up."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def drain(receive: Receive) -> None:
    """Take in what a refused caller is still sending, and drop it."""
    taken, more = 0, True
    while more and taken < DRAINED:
        message = await receive()
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)
