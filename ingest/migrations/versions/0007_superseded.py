"""Documents may be superseded: they stay, and stand behind others or out of sight as the settings say."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("documents", sa.Column("superseded_by", sa.Text))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("documents", "superseded_by")
