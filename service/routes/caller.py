"""What routes ask of a request: who is calling, with which scope, and the server's parts."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from ingest.access import Principal
from service.auth import require
from service.replies import Error
from service.resources import Resources

_BEARER = HTTPBearer(
    auto_error=False, description="A key made by `python -m service keys create`, or a token."
)

Responses = dict[int | str, dict[str, Any]]

_WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_SCHEME = {"WWW-Authenticate": {"description": "How to say who asks.", "schema": {"type": "string"}}}

# What every guarded route may answer beside its own.
REFUSALS: Responses = {
    401: {"model": Error, "description": "No key, or one that does not hold.", "headers": _SCHEME},
    403: {"model": Error, "description": "The key lacks the scope."},
    422: {"model": Error, "description": "A parameter is wrong."},
    429: {"model": Error, "description": "More than the limits allow.", "headers": _WAIT},
    503: {"model": Error, "description": "Something that is needed is not there now.", "headers": _WAIT},
}
MISSING: Responses = {404: {"model": Error, "description": "Not there, or not for this key."}}
# Of routes with a body in JSON.
BODY: Responses = {
    400: {"model": Error, "description": "The body is not valid JSON."},
    413: {"model": Error, "description": "The request is too large."},
}
# Of routes that answer questions.
ASKED: Responses = {
    **BODY,
    400: {"model": Error, "description": "A parameter is wrong or unknown, or the question too long."},
    404: {"model": Error, "description": "There is no such model."},
    422: {"model": Error, "description": "Never: OpenAI answers 400, and so does this route."},
}


_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string", "description": "A line of JSON, or `[DONE]`."},
    },
}


def streamed(model: type[BaseModel], description: str) -> dict[str, Any]:
    """An answer that is JSON, or a stream of events if the request says so."""
    content = {"text/event-stream": {"itemSchema": _EVENT}}
    return {"model": model, "description": description, "content": content}


# Both are coroutines for FastAPI's sake: it would take a plain function to a thread.
async def resources(request: Request) -> Resources:
    """The server's parts."""
    parts: Resources = request.app.state.resources
    return parts


def _with(scope: str) -> Callable[..., Awaitable[Principal]]:
    # The door (`service.middleware`) has read the key; the scheme stands here for the documentation.
    async def caller(request: Request, _documented: Annotated[object, Security(_BEARER)]) -> Principal:
        principal: Principal = request.state.principal
        require(principal, scope)
        return principal

    return caller


class Asker(NamedTuple):
    """Who asks a question, and for which run of an evaluation, if for one."""

    principal: Principal
    evaluation: str


RunName = Annotated[
    str | None,
    Header(
        alias="X-Plumbline-Evaluation",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="The evaluation's run that asks (scope `eval`): nothing of it is remembered or cached, "
        "it is counted apart, and the answer tells what the model was shown.",
    ),
]


async def asker(
    request: Request, _documented: Annotated[object, Security(_BEARER)], evaluation: RunName = None
) -> Asker:
    """Who asks: with the scope `chat`, or `eval` for an evaluation's marked questions."""
    principal: Principal = request.state.principal
    require(principal, "chat" if evaluation is None else "eval")
    return Asker(principal, evaluation or "")


Parts = Annotated[Resources, Depends(resources)]
Chatter = Annotated[Principal, Depends(_with("chat"))]
Asking = Annotated[Asker, Depends(asker)]
Evaluator = Annotated[Principal, Depends(_with("eval"))]
Ingester = Annotated[Principal, Depends(_with("ingest"))]
Administrator = Annotated[Principal, Depends(_with("admin"))]
