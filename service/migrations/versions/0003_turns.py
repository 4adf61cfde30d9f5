"""What was said in conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("conversation_id", sa.String(100), nullable=False),
        sa.Column("access", sa.String(64), nullable=False),
        sa.Column("answer_id", sa.String(40), nullable=False),
        sa.Column("question", sa.Text),
        sa.Column("standalone", sa.Text),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_index("turns_by_conversation", "turns", ["tenant", "subject", "conversation_id", "id"])
    op.create_index("turns_by_time", "turns", ["created_at"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("turns")
