"""What the document rails keep out of the index can be listed, and let through."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDRESS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "quarantine",
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("uri", ADDRESS, primary_key=True),
        sa.Column("file", ADDRESS, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("quarantine_by_file", "quarantine", ["tenant", "file"])
    op.create_table(
        "releases",
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("uri", ADDRESS, primary_key=True),
        sa.Column("content_hash", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("releases")
    op.drop_table("quarantine")
