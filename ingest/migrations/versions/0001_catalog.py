"""The first catalog: documents, their groups, files, hidden versions, facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "documents",
        sa.Column("document_id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("version", sa.String(36), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("expires", sa.Text),
        sa.Column("license", sa.Text),
        sa.Column("updated_at", sa.String(32), nullable=False),
    )
    op.create_index("documents_by_uri", "documents", ["tenant", "uri"], unique=True)
    op.create_index("documents_by_file", "documents", ["tenant", "file"])
    document = sa.ForeignKey("documents.document_id", ondelete="CASCADE")
    op.create_table(
        "document_groups",
        sa.Column("document_id", sa.String(36), document, primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
    )
    op.create_table(
        "files",
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("uri", sa.Text, primary_key=True),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("recipe", sa.String(64), nullable=False),
    )
    op.create_table("hidden_versions", sa.Column("version", sa.String(36), primary_key=True))
    op.create_table(
        "facts",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("facts", "hidden_versions", "files", "document_groups", "documents"):
        op.drop_table(table)
