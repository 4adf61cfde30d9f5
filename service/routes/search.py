"""`POST /v1/search`: passages without an answer."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter

from service.replies import Hits
from service.routes.caller import BODY, REFUSALS, Chatter, Parts
from service.schemas import SearchRequest

router = APIRouter(tags=["documents"])


@router.post("/v1/search", summary="Find passages", responses={**REFUSALS, **BODY})
async def search(body: SearchRequest, caller: Chatter, parts: Parts) -> Hits:
    """The best passages that the caller may read, best first."""
    library = parts.tools.library
    look = partial(library.search, caller, body.query, body.k, body.mode, where=body.filter)
    return Hits.of(await to_thread.run_sync(look))
