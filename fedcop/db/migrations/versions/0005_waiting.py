"""The journal's waiting messages in the order in which they came."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WAITING = "state = 'waiting'"


def upgrade() -> None:
    """Without it, SQLite reads the whole journal to find the next twenty."""
    op.create_index(
        "ix_inbox_messages_next",
        "inbox_messages",
        ["id"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_messages_next", "inbox_messages")
