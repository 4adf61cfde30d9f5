"""The first history: runs and their figures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "eval_runs",
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("run", sa.String(100), primary_key=True),
        sa.Column("night", sa.String(10), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("fingerprint", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_index("eval_runs_by_night", "eval_runs", ["tenant", "night", "at"])
    op.create_table(
        "eval_figures",
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("run", sa.String(100), primary_key=True),
        sa.Column("metric", sa.String(100), primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("coverage", sa.Float, nullable=False),
        sa.Column("better", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "run"], ["eval_runs.tenant", "eval_runs.run"]),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("eval_figures")
    op.drop_table("eval_runs")
