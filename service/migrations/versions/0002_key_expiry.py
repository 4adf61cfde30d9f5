"""Keys may expire. Those that are there do not."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time."""
    op.add_column("api_keys", sa.Column("expires_at", sa.String(32)))


def downgrade() -> None:
    """Remove it."""
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("expires_at")
