"""Addresses sort and compare by their bytes, whatever language the database was made for.

SQLite does so from the start. PostgreSQL follows the database's locale, in which "a/b" may stand behind "ab"
and no index answers for what lies below a folder. And the publication counter is there from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADDRESSES = (("documents", "uri"), ("documents", "file"), ("files", "uri"))
FACTS = sa.table("facts", sa.column("name"), sa.column("value"))


def upgrade() -> None:
    """Compare by bytes; begin to count publications."""
    _collate("C")
    absent = ~sa.exists().where(FACTS.c.name == "generation")
    counter = sa.select(sa.literal("generation", sa.Text), sa.literal("0", sa.Text)).where(absent)
    op.execute(FACTS.insert().from_select(["name", "value"], counter))


def downgrade() -> None:
    """Compare as the database does by itself; the counter stays, as it was there before."""
    _collate("default")


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, name in ADDRESSES:
        # Nothing is rewritten but the indexes.
        op.alter_column(table, name, type_=sa.Text(collation=collation), existing_nullable=False)
