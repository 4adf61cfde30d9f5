"""The log and the figures of every request."""

import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.telemetry import Metrics, bind, log

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
LONGEST_ID = 128


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


def _request_id(given: str | None) -> str:
    """The caller's id, if it is one that may stand in a log; else a new one."""
    if given and len(given) <= LONGEST_ID and given.isascii() and given.isprintable():
        return given
    return uuid.uuid4().hex
