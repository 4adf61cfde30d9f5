"""A file's trace holds what was skipped in it, so that an archive need not be read again to say so."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("files", sa.Column("skipped", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("files", "skipped")
