"""`/v1/conversations`: what the server keeps of the caller's own conversations."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query

from service.replies import ConversationEntry, ConversationList, ConversationText, Forgotten, SpokenTurn
from service.routes.caller import MISSING, REFUSALS, Chatter, Parts
from service.schemas import ConversationId

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])


@router.get("", summary="List conversations", responses=REFUSALS)
async def list_conversations(
    caller: Chatter,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> ConversationList:
    """A page of the caller's own conversations, the last used first.

    Turns that were said while the caller had other groups are left out.
    """
    page = await to_thread.run_sync(parts.conversations.page, caller, limit, cursor)
    entries = [ConversationEntry.model_validate(record) for record in page.conversations]
    return ConversationList(conversations=entries, next=page.next)


# A path: ids are the callers' own, and may hold a slash.
@router.get("/{conversation_id:path}", summary="Read a conversation", responses={**REFUSALS, **MISSING})
async def read_conversation(
    conversation_id: ConversationId, caller: Chatter, parts: Parts
) -> ConversationText:
    """The turns that the caller may see."""
    turns = await to_thread.run_sync(parts.conversations.turns, caller, conversation_id)
    return ConversationText(id=conversation_id, turns=[SpokenTurn.model_validate(turn) for turn in turns])


@router.delete("/{conversation_id:path}", summary="Forget a conversation", responses={**REFUSALS, **MISSING})
async def forget_conversation(conversation_id: ConversationId, caller: Chatter, parts: Parts) -> Forgotten:
    """Delete all that is kept of a conversation. Records without texts, such as the audit, stay."""
    await to_thread.run_sync(parts.conversations.forget, caller, conversation_id)
    return Forgotten(id=conversation_id)
