"""Answers and decisions tell whether an evaluation asked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("answers", "audit")


def upgrade() -> None:
    """Add the columns: no evaluation asked before."""
    for table in TABLES:
        op.add_column(table, sa.Column("evaluation", sa.String(100), nullable=False, server_default=""))


def downgrade() -> None:
    """Remove them."""
    for table in TABLES:
        op.drop_column(table, "evaluation")
