"""What the server says to one question, as values: the answer, its citations, what the rails did, timings."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Citation(BaseModel):
    """A cited place. `start` and `end` count characters of the document's cleaned text."""

    model_config = ConfigDict(extra="ignore")

    n: int
    document_id: str
    uri: str
    title: str = ""
    heading: str = ""
    page: int | None = None
    start: int
    end: int
    quote: str
    verified: bool

    @property
    def file(self) -> str:
        """Path below the corpus folder."""
        return below_corpus(self.uri)

    @property
    def place(self) -> str:
        """File, and page or section where known."""
        where = f"page {self.page}" if self.page else self.heading
        return f"{self.file}, {where}" if where else self.file


class RailNote(BaseModel):
    """What one rail did at one stage."""

    model_config = ConfigDict(extra="ignore")

    rail: str
    stage: str
    action: str
    reason: str = ""


class Reply(BaseModel):
    """Everything that came back for a question. Times in milliseconds, None if no text ever came."""

    text: str = ""
    model: str = ""
    answer_id: str = ""
    finish_reason: str = ""
    refused: bool = False
    grounded: float | None = None
    citations: list[Citation] = []
    guardrails: list[RailNote] = []
    error: str = ""
    first_token_ms: float | None = None
    total_ms: float = 0.0

    @property
    def blocked(self) -> bool:
        """Whether a rail stopped the question or cut the answer."""
        return self.finish_reason == "content_filter"


def below_corpus(uri: str) -> str:
    """Shorten a document's uri to its path below the corpus folder."""
    return uri.rpartition("/corpus/")[2]


def absorb(reply: Reply, event: dict[str, Any]) -> None:
    """Add one server-sent event to the reply.

    The last one before `[DONE]` carries citations, rails and the like at its top level.
    """
    if "error" in event:
        reply.error = str(event["error"].get("message", event["error"]))
    for choice in event.get("choices", []):
        reply.text += choice.get("delta", {}).get("content") or ""
        reply.finish_reason = choice.get("finish_reason") or reply.finish_reason
    if "citations" in event:
        reply.model, reply.answer_id = str(event.get("model", "")), str(event.get("answer_id", ""))
        reply.citations = [Citation.model_validate(each) for each in event["citations"]]
        reply.guardrails = [RailNote.model_validate(each) for each in event.get("guardrails", [])]
        reply.refused = bool(event.get("refused"))
        reply.grounded = event.get("grounded")
