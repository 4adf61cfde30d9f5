"""What the ledger keeps. Times are UTC, ISO 8601."""

from dataclasses import dataclass
from typing import Any

from service.answer import Shown

# States of a job, and of a file of one, that more will come of.
UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key, without the key: whose it is, and what it may do."""

    id: str
    tenant: str
    subject: str
    groups: tuple[str, ...]
    scopes: tuple[str, ...]
    created_at: str
    revoked_at: str | None = None
    last_used_at: str | None = None
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of an upload: what has become of it, and as which document it can be found.

    `state` is `queued`, `running`, `done`, `skipped` (no reader takes it, or it is empty), `failed` or
    `cancelled` (its job was, before its turn came). `bytes` and `chunks` are None where nobody counted them.
    """

    name: str
    state: str = "queued"
    error: str | None = None
    document_id: str | None = None
    bytes: int | None = None
    chunks: int | None = None

    @property
    def ended(self) -> bool:
        """Whether it has its outcome."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class JobRecord:
    """An upload on its way into the index. `groups` may read its documents; `subject` asked for it.

    `cancel_asked` of a running one: it ends as soon as the server that runs it looks.
    """

    id: str
    tenant: str
    subject: str
    groups: tuple[str, ...]
    state: str
    files: tuple[FileRecord, ...]
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    cancel_asked: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, the newest first, and the cursor of the next page (None after the last)."""

    jobs: tuple[JobRecord, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer in a conversation, as far as the rails let them pass.

    `question` and `standalone` (the question as it was understood) are None where a rail blocked it.
    """

    answer_id: str
    question: str | None
    standalone: str | None
    answer: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation without what was said in it: how many turns, and when the first and last were."""

    id: str
    turns: int
    started_at: str
    last_at: str


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Conversations, the last used first, and the cursor of the next page (None after the last)."""

    conversations: tuple[ConversationRecord, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer with its last rating, and what was asked, said and shown.

    `question` and `answer` are None where they were not kept, or no longer are.
    """

    answer_id: str
    rating: str
    correction: str | None
    comment: str | None
    at: str
    question: str | None
    answer: str | None
    model: str
    policy: str
    context: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions: those that all of these hold for. `since` (included) and `until` are as `at`."""

    rail: str | None = None
    stage: str | None = None
    action: str | None = None
    shadow: bool | None = None
    subject: str | None = None
    answer_id: str | None = None
    document_id: str | None = None
    text_hash: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Decisions of the rails, the newest first, and the cursor of the next page (None after the last)."""

    entries: tuple[dict[str, Any], ...]
    next: str | None
