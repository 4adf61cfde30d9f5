"""`/healthz`, `/readyz`, `/metrics`: for those who run the server. No key is needed; no tenant shows."""

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from guardrails.errors import GuardrailsError
from ingest.errors import IngestError
from service.replies import Alive, Readiness
from service.resources import Resources
from service.routes.caller import Parts
from service.startup import Dependency
from service.telemetry import METRICS_TYPE

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Alive?")
async def healthz() -> Alive:
    """The process answers."""
    return Alive(status="ok")


@router.get(
    "/readyz",
    summary="Ready?",
    responses={
        200: {"model": Readiness, "description": "Questions can be answered."},
        503: {"model": Readiness, "description": "Something is not there yet."},
    },
)
async def readyz(parts: Parts) -> JSONResponse:
    """Whether questions can be answered, and what each dependency says of itself."""
    dependencies = {
        "store": await to_thread.run_sync(_store, parts),
        "engine": parts.startup.state,
    }
    ready = all(dependency.ready for dependency in dependencies.values())
    body = {"ready": ready, "dependencies": {name: each._asdict() for name, each in dependencies.items()}}
    return JSONResponse(body, 200 if ready else 503)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(parts: Parts) -> Response:
    """Requests, answers, tokens, the rails' decisions, times."""
    return Response(parts.metrics.exposition(), media_type=METRICS_TYPE)


def _store(parts: Resources) -> Dependency:
    try:
        parts.tools.library.open()
        parts.tools.library.check_embedder()
    except (IngestError, GuardrailsError) as error:
        return Dependency(False, str(error))
    return Dependency(True, "open")
