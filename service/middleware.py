"""What every request passes before its route: the log, the door, the limit on its size.

Plain ASGI: nothing here waits for an answer to be complete, so streams stay streams.
"""

import time
import uuid
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import Authenticator
from service.errors import ServiceError, TooLarge
from service.problems import problem
from service.telemetry import Metrics, bind, log

if TYPE_CHECKING:
    from service.resources import Resources

UPLOADS = "/v1/documents"
GUARDED = "/v1/"
INTERNAL = "/internal/"
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
LONGEST_ID = 128
# A caller who is still sending does not read; so much of a refused body is taken in first.
DRAINED = 64 * 2**20


class Watch:
    """Gives the request an id, logs and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP on, watched; anything else as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        bind(request_id=request_id)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        began = time.perf_counter()
        self._metrics.begin()
        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.end(scope["method"], route, status, seconds)
            if scope["path"] not in QUIET:
                log(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    ms=round(seconds * 1_000, 1),
                )


class Door:
    """Lets a caller in with a principal (`request.state.principal`), before a byte of the body is read."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who may come in."""
        if scope["type"] == "http" and scope["path"].startswith(GUARDED):
            headers = Headers(scope=scope)
            try:
                principal = await to_thread.run_sync(self._authenticator.principal, headers)
            except ServiceError as error:
                await _drain(receive)
                await problem(error).response()(scope, receive, send)
                return
            scope.setdefault("state", {})["principal"] = principal
        await self._app(scope, receive, send)


class Limit:
    """Refuses requests larger than `limit` bytes while they arrive; uploads look after themselves.

    The command line's requests (a batch of queries) may be as large as an uploaded file.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then pass the request on with it."""
        if scope["type"] != "http" or scope["path"] == UPLOADS:
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope)
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await _drain(receive) if more else None
                error = TooLarge(f"the request is larger than {limit} bytes: send less")
                await problem(error).response()(scope, receive, send)
                return
        await self._app(scope, _replayed(bytes(body), receive), send)

    def _limit_of(self, scope: Scope) -> int:
        if not scope["path"].startswith(INTERNAL):
            return self._limit
        parts: Resources = scope["app"].state.resources
        return max(self._limit, parts.settings.max_upload_bytes)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body again, at once; then whatever comes after it: the caller's hanging up."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _drain(receive: Receive) -> None:
    taken, more = 0, True
    while more and taken < DRAINED:
        message = await receive()
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)


def _request_id(given: str | None) -> str:
    """The caller's id, if it is one that may stand in a log; else a new one."""
    if given and len(given) <= LONGEST_ID and given.isascii() and given.isprintable():
        return given
    return uuid.uuid4().hex
