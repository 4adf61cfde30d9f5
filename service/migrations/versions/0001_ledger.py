"""The first ledger: keys, answers, the rails' decisions, feedback, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME, STAMP = sa.String(200), sa.String(32)


def upgrade() -> None:
    """Create the tables."""
    _keys()
    _answers()
    _audit()
    _jobs()


def downgrade() -> None:
    """Remove the tables."""
    for table in ("jobs", "feedback", "audit", "answers", "api_keys"):
        op.drop_table(table)


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("revoked_at", STAMP),
        sa.Column("last_used_at", STAMP),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.String(40), primary_key=True),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("question_hash", sa.String(64), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("policy", sa.Text),
        sa.Column("chunk_ids", sa.JSON, nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.Column("grounded", sa.Float, nullable=False),
        sa.Column("finish_reason", sa.String(20), nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
    )
    op.create_index("answers_by_tenant", "answers", ["tenant", "created_at"])
    answer = sa.ForeignKey("answers.answer_id")
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("answer_id", sa.String(40), answer, nullable=False),
        sa.Column("rating", sa.String(10), nullable=False),
        sa.Column("correction", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("created_at", STAMP, nullable=False),
    )
    op.create_index("ix_feedback_answer_id", "feedback", ["answer_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", STAMP, nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("rail", sa.String(50), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("answer_id", sa.String(40), nullable=False),
    )
    op.create_index("audit_by_tenant", "audit", ["tenant", "id"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
