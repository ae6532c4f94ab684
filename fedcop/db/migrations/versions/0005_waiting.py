"""Indexes for what waits: in the journal of the inbox, and to be told to others."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WAITING = "state = 'waiting'"


def upgrade() -> None:
    """Without these, SQLite reads the whole of both tables to find what is next.

    It uses an index of `NOT spread` only where a statement says just that, and ours say `= 0`.
    """
    op.create_index(
        "ix_inbox_messages_next",
        "inbox_messages",
        ["id"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
    _told("spread = 0")


def _told(where: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_told_waiting", "told")
        columns = ["lane", "activity_id"]
        op.create_index("ix_told_waiting", "told", columns, sqlite_where=sa.text(where))


def downgrade() -> None:
    _told("NOT spread")
    op.drop_index("ix_inbox_messages_next", "inbox_messages")
