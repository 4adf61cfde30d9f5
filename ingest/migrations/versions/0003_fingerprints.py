"""Documents have fingerprints, by which a recital of their words is known.

Those that are there get theirs from their texts at the next sync: `python -m ingest status` counts them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    document = sa.ForeignKey("documents.document_id", ondelete="CASCADE")
    op.create_table(
        "fingerprints",
        sa.Column("document_id", sa.String(36), document, primary_key=True),
        sa.Column("recipe", sa.String(16), nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("fingerprints")
