"""Documents of equal text and readers are known as twins, and such that resemble each other by signatures.

Those that are there get theirs at the next sync, which reads every file anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and create the tables."""
    op.add_column("documents", sa.Column("audience", sa.String(32)))
    op.add_column("documents", sa.Column("twin", sa.String(64)))
    op.create_index("documents_by_twin", "documents", ["twin"])
    op.create_table("copies", _document(), sa.Column("cuts", sa.JSON, nullable=False))
    op.create_table("signatures", _document(), sa.Column("minima", sa.LargeBinary, nullable=False))
    op.create_table(
        "bands",
        _document(),
        sa.Column("band", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(16), nullable=False),
    )
    op.create_index("bands_by_hash", "bands", ["band", "hash"])


def downgrade() -> None:
    """Remove them. Copies are no longer found: sync again, after their files were touched."""
    for table in ("bands", "signatures", "copies"):
        op.drop_table(table)
    op.drop_index("documents_by_twin", "documents")
    op.drop_column("documents", "twin")
    op.drop_column("documents", "audience")


def _document() -> sa.Column[str]:
    key = sa.ForeignKey("documents.document_id", ondelete="CASCADE")
    return sa.Column("document_id", sa.String(36), key, primary_key=True)
