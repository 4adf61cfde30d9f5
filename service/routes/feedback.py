"""`POST /v1/feedback`: what askers think of answers."""

from anyio import to_thread
from fastapi import APIRouter

from service.replies import FeedbackKept
from service.routes.caller import BODY, MISSING, REFUSALS, Chatter, Parts
from service.schemas import FeedbackRequest

router = APIRouter(tags=["answers"])


@router.post("/v1/feedback", summary="Rate an answer", responses={**REFUSALS, **BODY, **MISSING})
async def rate(body: FeedbackRequest, caller: Chatter, parts: Parts) -> FeedbackKept:
    """Keep a rating of one of the caller's own answers."""
    await to_thread.run_sync(
        parts.ledger.rate, caller, body.answer_id, body.rating, body.correction, body.comment
    )
    return FeedbackKept(answer_id=body.answer_id)
