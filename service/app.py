"""The HTTP application: routes, middleware, and the one place where errors become answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from guardrails.errors import GuardrailsError
from ingest.errors import IngestError
from service.errors import ServiceError
from service.middleware import Door, Limit, Watch
from service.problems import problem
from service.resources import Resources
from service.routes import audit, chat, documents, feedback, health, internal, jobs, models, search
from service.telemetry import failed

ROUTES = (chat, models, feedback, search, documents, jobs, audit, health, internal)


def create_app(resources: Resources) -> FastAPI:
    """The application over `resources`. While it runs, it loads the engine and works on uploads."""
    app = FastAPI(
        title="Plumbline",
        summary="Cited, guarded answers from your own documents.",
        version="0.1.0",
        lifespan=_lifespan,
        middleware=[
            Middleware(Watch, metrics=resources.metrics),
            Middleware(Door, authenticator=resources.authenticator),
            Middleware(Limit, limit=resources.settings.max_request_bytes),
        ],
    )
    app.state.resources = resources
    for module in ROUTES:
        app.include_router(module.router)
    for kind in (ServiceError, IngestError, GuardrailsError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(Exception, _unforeseen)
    return app


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


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Whatever nobody foresaw: the log says where, the caller only that."""
    failed("request broke", error)
    answer = problem(error).response()
    answer.headers["X-Request-Id"] = request.state.request_id
    return answer
