"""Answers know their conversation: deleting it finds them when their turns are gone already."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TURNS = sa.table("turns", sa.column("answer_id"), sa.column("tenant"), sa.column("conversation_id"))
ANSWERS = sa.table("answers", sa.column("answer_id"), sa.column("conversation_hash"))


def upgrade() -> None:
    """Add the column, and fill it for the turns that are still there."""
    op.add_column("answers", sa.Column("conversation_hash", sa.String(64)))
    op.create_index("answers_by_conversation", "answers", ["tenant", "subject", "conversation_hash"])
    connection = op.get_bind()
    told = [_told(*row) for row in connection.execute(sa.select(TURNS))]
    if told:
        named = sa.update(ANSWERS).where(ANSWERS.c.answer_id == sa.bindparam("name"))
        connection.execute(named.values(conversation_hash=sa.bindparam("hash")), told)


def downgrade() -> None:
    """Remove it."""
    op.drop_index("answers_by_conversation", "answers")
    op.drop_column("answers", "conversation_hash")


def _told(name: str, tenant: str, conversation_id: str) -> dict[str, str]:
    """As `service.ledger.digest` makes it."""
    return {"name": name, "hash": hashlib.sha256(f"{tenant}\n{conversation_id}".encode()).hexdigest()}
