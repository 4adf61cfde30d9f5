"""The HTTP application: routes, middleware, and the one place where errors become answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse

from guardrails.errors import GuardrailsError
from ingest.errors import IngestError
from service.capacity import Capacity
from service.errors import ServiceError
from service.fingerprint import VERSION
from service.middleware.body import Limit
from service.middleware.door import Door
from service.middleware.gate import Gate
from service.middleware.headers import SafeHeaders
from service.middleware.net import Net
from service.middleware.queue import Queue
from service.middleware.watch import Watch
from service.problems import problem
from service.readiness import Dependencies
from service.resources import Resources
from service.routes import (
    audit,
    chat,
    conversations,
    documents,
    feedback,
    fingerprint,
    health,
    internal,
    jobs,
    models,
    reports,
    responses,
    search,
)
from service.settings import ServiceSettings

# Headers of ours that pages of other origins may read.
TOLD = (
    "Retry-After",
    "X-Request-Id",
    *(f"RateLimit-{name}" for name in ("Limit", "Remaining", "Reset")),
    *(f"x-ratelimit-{name}-requests" for name in ("limit", "remaining", "reset")),
    *(f"x-ratelimit-{name}-tokens" for name in ("limit", "remaining", "reset")),
)
# Off: its spans would hold paths and queries, and its logs errors' messages. We have our own (`Watch`).
FASTAPI_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
ROUTES = (
    chat,
    responses,
    conversations,
    models,
    feedback,
    search,
    documents,
    jobs,
    audit,
    reports,
    fingerprint,
    health,
    internal,
)


def create_app(resources: Resources) -> FastAPI:
    """The application over `resources`. While it runs, it loads the engine and works on uploads."""
    app = FastAPI(
        title="Plumbline",
        summary="Cited, guarded answers from your own documents.",
        version=VERSION,
        lifespan=_lifespan,
        middleware=_middleware(resources),
        telemetry=FASTAPI_TELEMETRY,
    )
    app.state.resources = resources
    app.state.dependencies = Dependencies.of(
        resources.drain, resources.tools.library, resources.recording, resources.startup
    )
    for module in ROUTES:
        app.include_router(module.router)
    for kind in (ServiceError, IngestError, GuardrailsError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)
    return app


def _middleware(parts: Resources) -> list[Middleware]:
    """What every request passes, outermost first."""
    settings = parts.settings
    largest = max(settings.max_request_bytes, settings.max_upload_bytes)
    capacity = Capacity(settings.answers_at_once, settings.most_waiting)
    parts.metrics.queue(capacity.state)
    return [
        Middleware(Watch, metrics=parts.metrics, tracer=parts.tracer),
        Middleware(SafeHeaders),
        *_cors(settings),
        Middleware(Gate, drain=parts.drain),
        Middleware(Net),
        Middleware(Door, authenticator=parts.authenticator, quotas=parts.quotas, token=parts.token),
        Middleware(Limit, limit=settings.max_request_bytes, internal=largest),
        Middleware(Queue, capacity=capacity),
    ]


def _cors(settings: ServiceSettings) -> list[Middleware]:
    """For pages of other origins, if any may call. They bring a key as all do; cookies mean nothing here."""
    if not settings.cors_origins:
        return []
    methods = ("GET", "POST", "DELETE")
    # OpenAI's client in a browser sends a dozen headers of its own.
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=methods,
            allow_headers=["*"],
            expose_headers=TOLD,
        )
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Resources = app.state.resources
    await to_thread.run_sync(parts.jobs.start)
    parts.startup.start()
    yield
    parts.stop.set()
    await to_thread.run_sync(parts.jobs.close)
    await to_thread.run_sync(parts.startup.wait)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    return problem(error, request.url.path).response()
