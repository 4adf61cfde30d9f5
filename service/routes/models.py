"""`/v1/models`: the names that a question's `model` may have."""

from anyio import to_thread
from fastapi import APIRouter

from service.adapters import DEFAULT
from service.errors import UnknownModel
from service.replies import Model, Models
from service.resources import Resources
from service.routes.caller import MISSING, REFUSALS, Chatter, Parts

router = APIRouter(prefix="/v1/models", tags=["answers"])


@router.get("", summary="List models", responses=REFUSALS)
async def list_models(_caller: Chatter, parts: Parts) -> Models:
    """`default`, the adapters, and the base model."""
    return Models(data=[Model(id=name) for name in await to_thread.run_sync(_names, parts)])


@router.get("/{name:path}", summary="Read a model", responses={**REFUSALS, **MISSING})
async def read_model(name: str, _caller: Chatter, parts: Parts) -> Model:
    """One of them."""
    if name not in await to_thread.run_sync(_names, parts):
        raise UnknownModel("there is no such model; GET /v1/models lists all")
    return Model(id=name)


def _names(parts: Resources) -> list[str]:
    return [DEFAULT, *parts.startup.pipeline.models()]
