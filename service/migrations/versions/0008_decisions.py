"""Decisions tell whether they were in shadow, why they were made, and where in which text."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {"audit_by_answer": "answer_id", "audit_by_time": "at"}


def upgrade() -> None:
    """Add the columns: nothing was decided in shadow before, and no text was kept."""
    for column in (
        sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        sa.Column("document_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("text", sa.Text),
    ):
        op.add_column("audit", column)
    for name, indexed in INDEXES.items():
        op.create_index(name, "audit", [indexed])


def downgrade() -> None:
    """Remove them."""
    for name in INDEXES:
        op.drop_index(name, "audit")
    for name in ("text", "document_id", "end", "start", "reason", "shadow"):
        op.drop_column("audit", name)
