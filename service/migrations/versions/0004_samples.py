"""Answers are bound to their text and context; questions and answers may be kept for training."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("answers", sa.Column("answer_hash", sa.String(64)))
    op.add_column("answers", sa.Column("context", sa.JSON))
    op.add_column("answers", sa.Column("repeats", sa.String(40)))
    answer = sa.ForeignKey("answers.answer_id")
    op.create_table(
        "samples",
        sa.Column("answer_id", sa.String(40), answer, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("rated_at", sa.String(32)),
    )
    op.create_index("samples_by_time", "samples", ["rated_at", "created_at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("samples")
    # Not in batches: they would make the table anew, under the ratings that refer to it.
    for column in ("repeats", "context", "answer_hash"):
        op.drop_column("answers", column)
