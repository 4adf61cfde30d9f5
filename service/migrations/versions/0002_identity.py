"""Keys may expire; those that are there do not. Decisions have ids that count nothing.

A running number over all tenants told each of them how many decisions the others had.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME, STAMP = sa.String(200), sa.String(32)
KEPT: tuple[sa.ColumnClause[Any], ...] = (
    sa.column("at"),
    sa.column("tenant"),
    sa.column("subject"),
    sa.column("stage"),
    sa.column("rail"),
    sa.column("label"),
    sa.column("policy"),
    sa.column("action"),
    sa.column("score"),
    sa.column("text_hash"),
    sa.column("answer_id"),
)
ID: sa.ColumnClause[Any] = sa.column("id")


def upgrade() -> None:
    """Add the time that a key ends at; give decisions new ids, in their old order and before all to come."""
    op.add_column("api_keys", sa.Column("expires_at", STAMP))
    padded = sa.cast(sa.literal_column("100000000000") + ID, sa.String(40))
    _renumber(sa.literal_column("'0'").concat(padded), sa.String(40))


def downgrade() -> None:
    """Remove it; number decisions again."""
    _renumber(None, sa.Integer())
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("expires_at")


def _renumber(number: sa.ColumnElement[Any] | None, kind: sa.types.TypeEngine[Any]) -> None:
    """Databases differ in how they change a key's type: a new table is the same in all.

    Without a number the database counts, so that it knows where to go on.
    """
    anew = op.create_table(
        "audit_anew",
        sa.Column("id", kind, primary_key=True),
        sa.Column("at", STAMP, nullable=False),
        sa.Column("tenant", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("rail", sa.String(50), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("answer_id", sa.String(40), nullable=False),
    )
    names = [column.name for column in KEPT]
    if number is None:
        old = sa.select(*KEPT).select_from(sa.table("audit")).order_by(ID)
        op.execute(anew.insert().from_select(names, old))
    else:
        old = sa.select(number, *KEPT).select_from(sa.table("audit"))
        op.execute(anew.insert().from_select(["id", *names], old))
    op.drop_index("audit_by_tenant", "audit")
    op.drop_table("audit")
    op.rename_table("audit_anew", "audit")
    op.create_index("audit_by_tenant", "audit", ["tenant", "id"])
