"""The log, the figures and the trace of every request."""

import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.middleware.addresses import QUIET
from service.spans import Ending, NoTracer, Span, Timed, Tracer, Within
from service.telemetry import Metrics, bind, log, method_name

LONGEST_ID = 128
SERVER_FAULT = 500


class Watch:
    """Gives the request an id and a span, logs and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer) -> None:
        self._app = app
        self._metrics, self._tracer = metrics, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP on, watched; anything else as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get("x-request-id"))
        tracer = NoTracer() if scope["path"] in QUIET else self._tracer
        span = Timed(tracer.request(method_name(scope["method"]), headers), self._metrics.step)
        bind(request_id=request_id, **({"trace_id": span.trace_id} if span.trace_id else {}))
        scope.setdefault("state", {})["request_id"] = request_id
        status = SERVER_FAULT

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        began = time.perf_counter()
        self._metrics.begin()
        with Ending(span), Within(span):
            try:
                await self._app(scope, receive, sending)
            finally:
                span.note(request_id=request_id)
                self._tell(scope, span, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, span: Span, status: int, seconds: float) -> None:
        """Paths are not told: they hold names of documents, and whatever else a caller writes."""
        method, route = method_name(scope["method"]), getattr(scope.get("route"), "path", "unknown")
        self._metrics.end(method, route, status, seconds)
        span.rename(f"{method} {route}")
        span.note(method=method, route=route, status=status)
        if status >= SERVER_FAULT:
            span.failed(str(status))
        if scope["path"] not in QUIET:
            log("request", method=method, route=route, status=status, ms=round(seconds * 1_000, 1))


def _request_id(given: str | None) -> str:
    """The caller's id, if it is one that may stand in a log; else a new one."""
    if given and len(given) <= LONGEST_ID and given.isascii() and given.isprintable():
        return given
    return uuid.uuid4().hex
