"""What routes ask of a request: who is calling, with which scope, and the server's parts."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from ingest.access import Principal
from service.auth import require
from service.replies import Error
from service.resources import Resources

_BEARER = HTTPBearer(
    auto_error=False, description="A key made by `python -m service keys create`, or a token."
)

Responses = dict[int | str, dict[str, Any]]

# What every guarded route may answer beside its own.
REFUSALS: Responses = {status: {"model": Error} for status in (401, 403, 422, 429, 503)}
MISSING: Responses = {404: {"model": Error}}


def resources(request: Request) -> Resources:
    """The server's parts."""
    parts: Resources = request.app.state.resources
    return parts


def _with(scope: str) -> Callable[..., Principal]:
    # The door (`service.middleware`) has read the key; the scheme stands here for the documentation.
    def caller(request: Request, _documented: Annotated[object, Security(_BEARER)]) -> Principal:
        principal: Principal = request.state.principal
        require(principal, scope)
        return principal

    return caller


Parts = Annotated[Resources, Depends(resources)]
Chatter = Annotated[Principal, Depends(_with("chat"))]
Ingester = Annotated[Principal, Depends(_with("ingest"))]
Administrator = Annotated[Principal, Depends(_with("admin"))]
