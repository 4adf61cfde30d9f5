"""`/healthz`, `/readyz`, `/metrics`: for those who run the server. No key is needed; no tenant shows."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from service.errors import BadRequest
from service.readiness import Dependencies
from service.replies import Alive, Error, Readiness
from service.routes.caller import Parts, Responses
from service.startup import Dependency
from service.telemetry import METRICS_TYPE, Metrics

router = APIRouter(tags=["operations"])

UNPROCESSABLE = 422
READINESS: Responses = {
    200: {"model": Readiness, "description": "Questions can be answered."},
    503: {"model": Readiness, "description": "Something is not there yet."},
    UNPROCESSABLE: {"model": Error, "description": "There is no such dependency."},
}


def _dependencies(request: Request) -> Dependencies:
    dependencies: Dependencies = request.app.state.dependencies
    return dependencies


Needed = Annotated[Dependencies, Depends(_dependencies)]
Of = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Dependencies that count, with commas; `store,ledger,embedder` for searches. Unset: all.",
    ),
]


@router.get("/healthz", summary="Alive?")
async def healthz() -> Alive:
    """The process answers."""
    return Alive(status="ok")


@router.get("/readyz", summary="Ready?", responses=READINESS)
async def readyz(parts: Parts, needed: Needed, of: Of = None) -> JSONResponse:
    """Whether questions can be answered, and what each dependency says of itself."""
    wanted = needed.names if of is None else frozenset(name.strip() for name in of.split(","))
    if unknown := wanted - needed.names:
        known = ", ".join(sorted(needed.names))
        raise BadRequest(
            f"no dependency is called {min(unknown)!r}: name some of {known}", "of", UNPROCESSABLE
        )
    states = await _seen(parts.metrics, needed)
    ready = all(states[name].ready for name in wanted | {"server"})
    body = {"ready": ready, "dependencies": {name: each._asdict() for name, each in states.items()}}
    return JSONResponse(body, 200 if ready else 503)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(parts: Parts, needed: Needed) -> Response:
    """Requests, answers, tokens, steps, the rails' decisions, times, dependencies."""
    await _seen(parts.metrics, needed)
    return Response(parts.metrics.exposition(), media_type=METRICS_TYPE)


async def _seen(metrics: Metrics, needed: Dependencies) -> dict[str, Dependency]:
    """How the dependencies are, for the figures too."""
    states = await to_thread.run_sync(needed.states)
    for name, state in states.items():
        metrics.dependency(name, ready=state.ready)
    return states
