"""Documents have a date: the day that they say they are of.

Those that are there get theirs at the next sync, which reads every file anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("documents", sa.Column("dated", sa.Text))


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("documents", "dated")
