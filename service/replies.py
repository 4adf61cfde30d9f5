"""What callers get back, as pydantic models: the documented shapes of answers, hits, documents, jobs."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from ingest.documents import Passage
from ingest.record import Record


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Hit(_Reply):
    """A passage: characters `start` to `end` of its document's text."""

    chunk_id: str
    document_id: str
    uri: str
    title: str
    text: str
    start: int
    end: int
    page: int | None
    score: float


class Hits(_Reply):
    """What a search found, best first."""

    hits: list[Hit]

    @classmethod
    def of(cls, passages: list[Passage]) -> Self:
        """Build from the library's passages."""
        return cls(hits=[Hit.model_validate(passage) for passage in passages])


class DocumentEntry(_Reply):
    """A document in a listing. No groups: the whole tenant may read it.

    `state` says whether answers may rest on it; `superseded_by` names what came after it, if anything did.
    """

    document_id: str
    uri: str
    title: str
    chunks: int
    groups: list[str]
    labels: list[str]
    language: str | None
    dated: str | None
    expires: str | None
    superseded_by: str | None
    state: str
    updated_at: str


class Documents(_Reply):
    """A page of documents, and the cursor of the next (null after the last)."""

    documents: list[DocumentEntry]
    next: str | None


class DocumentText(DocumentEntry):
    """A document with its cleaned text, which all offsets count."""

    license: str | None
    text: str

    @classmethod
    def of(cls, record: Record) -> Self:
        """Build from the catalog's record."""
        return cls(**record.listing(), license=record.license, text=record.text)


class Deleted(_Reply):
    """A document that is gone."""

    document_id: str
    deleted: Literal[True] = True


class ConversationEntry(_Reply):
    """A conversation in a listing: how many turns the caller may see, and when the first and last were."""

    id: str
    turns: int
    started_at: str
    last_at: str


class ConversationList(_Reply):
    """A page of conversations, and the cursor of the next (null after the last)."""

    conversations: list[ConversationEntry]
    next: str | None


class SpokenTurn(_Reply):
    """A question and its answer. `standalone` is the question as it was understood.

    Both are null where a rail blocked the question.
    """

    answer_id: str
    question: str | None
    standalone: str | None
    answer: str
    at: str


class ConversationText(_Reply):
    """What was said in a conversation, the oldest turn first."""

    id: str
    turns: list[SpokenTurn]


class Forgotten(_Reply):
    """A conversation that is gone."""

    id: str
    deleted: Literal[True] = True


class Accepted(_Reply):
    """An upload on its way: `GET /v1/jobs/{job_id}` tells how far it is."""

    job_id: str


class Model(_Reply):
    """A name that `model` may have."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "plumbline"


class Models(_Reply):
    """All names that `model` may have."""

    object: Literal["list"] = "list"
    data: list[Model]


class FeedbackKept(_Reply):
    """The feedback was kept."""

    answer_id: str


class AuditEntry(_Reply):
    """One decision of a rail; one in `shadow` had no effect.

    `text_hash` is of the text that was judged, `start` and `end` count its characters; `text` (of a long
    one what lies about them) is there only where the policy keeps texts. `answer_id` is empty where a
    document was screened, `document_id` unless a document or a passage was, `evaluation` unless a run asked.
    """

    id: str
    at: str
    tenant: str
    subject: str
    stage: str
    rail: str
    label: str
    policy: str
    action: str
    score: float
    text_hash: str
    answer_id: str
    evaluation: str
    shadow: bool
    reason: str
    start: int | None
    end: int | None
    document_id: str
    text: str | None


class AuditList(_Reply):
    """Decisions, the newest first, and the cursor of the next page (null after the last)."""

    entries: list[AuditEntry]
    next: str | None


class ReportFigure(_Reply):
    """A figure with its 95% interval over `n` rows; `text` is its value with the unit."""

    metric: str
    label: str
    value: float
    text: str
    low: float
    high: float
    n: int
    state: str | None


class ReportEntry(_Reply):
    """An evaluation's report in a list: `worse` and `better` name metrics."""

    id: str
    date: str
    at: str
    verdict: str
    said: str
    late: bool
    questions: int
    headline: list[ReportFigure]
    worse: list[str]
    better: list[str]


class ReportList(_Reply):
    """Reports, the newest first."""

    reports: list[ReportEntry]


class Report(ReportEntry):
    """A report with all figures of its run. `texts`: whether its page shows you questions and passages."""

    texts: bool
    figures: dict[str, Any]


class FingerprintTold(_Reply):
    """What the answers to the caller depend on: names, or the beginnings of hashes.

    `corpus` is of the documents that the caller may read, as a member of `groups` of `tenant`; null: of all.
    """

    tenant: str
    groups: list[str] | None
    corpus: str
    index: str
    embedder: str
    prompt: str
    adapter: str
    policy: str
    service: str


class Fault(BaseModel):
    """What is wrong and what to do, where (`param`), and a `code` that stays the same."""

    message: str
    type: str
    param: str | None
    code: str


class Error(BaseModel):
    """OpenAI's error object."""

    error: Fault


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class DependencyState(BaseModel):
    """Something that answers need."""

    ready: bool
    detail: str


class Readiness(BaseModel):
    """Whether questions can be answered, and what they need by name."""

    ready: bool
    dependencies: dict[str, DependencyState]
