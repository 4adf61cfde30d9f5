"""On which side of a comparison an answer stands."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nothing was compared before."""
    op.add_column("answers", sa.Column("arm", sa.String(20), nullable=False, server_default=""))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("answers", "arm")
