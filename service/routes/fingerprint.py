"""`GET /v1/fingerprint`: what the answers to a caller depend on, for those who compare evaluations."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from service.adapters import DEFAULT
from service.fingerprint import fingerprint
from service.replies import FingerprintTold
from service.routes.caller import MISSING, REFUSALS, Evaluator, Parts

router = APIRouter(tags=["administration"])


@router.get("/v1/fingerprint", summary="What answers depend on", responses={**REFUSALS, **MISSING})
async def read_fingerprint(
    caller: Evaluator,
    parts: Parts,
    model: Annotated[
        str, Query(min_length=1, max_length=200, description="As a question's `model`.")
    ] = DEFAULT,
) -> FingerprintTold:
    """The corpus that the caller may read, the index, embedder, prompt, adapter, policy and version."""
    terms = await to_thread.run_sync(parts.startup.pipeline.terms, caller, model)
    told = await to_thread.run_sync(partial(fingerprint, parts.tools.library, parts.settings, caller, terms))
    groups = None if caller.every_group else sorted(caller.groups)
    return FingerprintTold(tenant=caller.tenant, groups=groups, **asdict(told))
