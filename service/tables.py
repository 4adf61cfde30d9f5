"""The ledger's tables. `service/migrations` builds them; a test holds the two equal."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

# The migration that these tables match.
HEAD = "0009"

metadata = MetaData()

# Times are UTC, ISO 8601, everywhere: they sort as text.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    # SHA-256 of the key, which itself is never kept.
    Column("hash", String(64), nullable=False, unique=True),
    Column("tenant", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("groups", JSON, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
    Column("last_used_at", String(32)),
    Column("expires_at", String(32)),
)

# One row for each answer, whoever asked and whatever became of it. No text: hashes and identities.
answers = Table(
    "answers",
    metadata,
    Column("answer_id", String(40), primary_key=True),
    Column("tenant", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("question_hash", String(64), nullable=False),
    Column("model", Text, nullable=False),
    # `service.split.Arm`: "baseline" or "candidate" where two adapters were compared, else empty.
    Column("arm", String(20), nullable=False, server_default=""),
    Column("policy", Text),
    Column("chunk_ids", JSON, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("grounded", Float, nullable=False),
    Column("finish_reason", String(20), nullable=False),
    Column("created_at", String(32), nullable=False),
    # Of the text as it was sent. Answers from before the fourth step have none of these three.
    Column("answer_hash", String(64)),
    # What the model was shown: ids, places and hashes of passages, as `service.answer.Shown`.
    Column("context", JSON),
    # The answer of which this one is a repetition, from the cache.
    Column("repeats", String(40)),
    # Of the conversation that it was said in, if any. Its turns end before it does: by this, what was kept
    # of the answer is found when the conversation is deleted.
    Column("conversation_hash", String(64)),
    # The evaluation's run that asked; empty for all others.
    Column("evaluation", String(100), nullable=False, server_default=""),
    Index("answers_by_tenant", "tenant", "created_at"),
    Index("answers_by_conversation", "tenant", "subject", "conversation_hash"),
)

# What the rails decided, one row a finding; of a document, one a kind of finding. Kept for a time: see
# `service.audit`.
audit = Table(
    "audit",
    metadata,
    # In the order of time, and otherwise random: a running number would count other tenants' decisions.
    Column("id", String(40), primary_key=True),
    Column("at", String(32), nullable=False),
    Column("tenant", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("rail", String(50), nullable=False),
    Column("label", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("action", String(20), nullable=False),
    Column("score", Float, nullable=False),
    # Of the text that was judged; before the eighth step always of the question.
    Column("text_hash", String(64), nullable=False),
    # Empty where documents were screened.
    Column("answer_id", String(40), nullable=False),
    # As in `answers`.
    Column("evaluation", String(100), nullable=False, server_default=""),
    # It was decided and had no effect.
    Column("shadow", Boolean, nullable=False, server_default=false()),
    # Never quotes the text; of a rail that failed, the error's class and place.
    Column("reason", Text, nullable=False, server_default=""),
    # Characters of the text that was judged, where it was the caller's or a document's own.
    Column("start", Integer),
    Column("end", Integer),
    # The document that the text stands in; empty for questions and answers.
    Column("document_id", String(36), nullable=False, server_default=""),
    # The text, or what lies about the span: only where the policy says so.
    Column("text", Text),
    Index("audit_by_tenant", "tenant", "id"),
    Index("audit_by_answer", "answer_id"),
    Index("audit_by_time", "at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("answer_id", String(40), ForeignKey("answers.answer_id"), nullable=False, index=True),
    Column("rating", String(10), nullable=False),
    Column("correction", Text),
    Column("comment", Text),
    Column("created_at", String(32), nullable=False),
)

# Question and answer of what was rated, or may be yet. Texts, on purpose: see `service.samples`.
samples = Table(
    "samples",
    metadata,
    Column("answer_id", String(40), ForeignKey("answers.answer_id"), primary_key=True),
    # The question as the rails let it pass, standing alone: what the model was asked.
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    # None while it waits for a rating.
    Column("rated_at", String(32)),
    Index("samples_by_time", "rated_at", "created_at"),
)

# Uploads on their way into the index; a server that was stopped takes up what is not done.
jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    # Who may read the documents: not who may see the job.
    Column("groups", JSON, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("files", JSON, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("started_at", String(32)),
    Column("finished_at", String(32)),
    # Of a job that runs: whoever runs it looks, and ends it.
    Column("cancel_asked", Boolean, nullable=False, server_default=false()),
    Index("jobs_by_tenant", "tenant", "created_at", "id"),
)

# What was said in conversations, one row a turn. Texts, on purpose: see `service.conversations`.
turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    # The caller's own name for it: two callers may use one name and mean two conversations.
    Column("conversation_id", String(100), nullable=False),
    # `ingest.access.access_digest` of the asker when it was said.
    Column("access", String(64), nullable=False),
    Column("answer_id", String(40), nullable=False),
    # None where a rail blocked the question.
    Column("question", Text),
    Column("standalone", Text),
    Column("answer", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("turns_by_conversation", "tenant", "subject", "conversation_id", "id"),
    Index("turns_by_time", "created_at"),
)
