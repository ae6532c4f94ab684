"""Inboxes that answer 404 or 410, and what is held back for them meanwhile."""

import sqlalchemy as sa
from alembic import op

from fedcop.db.columns import BigInt, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CLOSED = "next_try_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "missing_inboxes",
        sa.Column("inbox_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("host_id", BigInt, nullable=False),
        sa.Column("missing_since", UtcDateTime(), nullable=False),
        sa.Column("tries", BigInt, nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_missing_inboxes")),
    )
    op.create_index(op.f("ix_missing_inboxes_host_id"), "missing_inboxes", ["host_id"])
    op.create_index(
        "ix_missing_inboxes_closed",
        "missing_inboxes",
        ["next_try_at"],
        sqlite_where=sa.text(_CLOSED),
        postgresql_where=sa.text(_CLOSED),
    )
    op.create_table(
        "held_back",
        sa.Column("inbox_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("lane", BigInt, autoincrement=False, nullable=False),
        sa.Column("activity_id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "lane", "activity_id", name=op.f("pk_held_back")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("held_back")
    op.drop_table("missing_inboxes")
