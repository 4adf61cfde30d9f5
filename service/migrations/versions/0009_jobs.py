"""Jobs tell when they began and ended, can be cancelled while they run, and are listed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: of jobs from before nobody knows when they began, and nobody asked to end one."""
    for column in (
        sa.Column("started_at", sa.String(32)),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("cancel_asked", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("jobs", column)
    op.create_index("jobs_by_tenant", "jobs", ["tenant", "created_at", "id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("jobs_by_tenant", "jobs")
    for name in ("cancel_asked", "finished_at", "started_at"):
        op.drop_column("jobs", name)
