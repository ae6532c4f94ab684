"""Indexes for what was found by reading whole tables: what waits, and whose something is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WAITING = "state = 'waiting'"
_PLAIN = (
    ("accounts", ["role"]),
    ("bans", ["uri"]),
    ("known_at", ["host_id"]),
    ("links", ["account_id"]),
    ("moderation_log", ["actor_id"]),
    ("moderation_log", ["post_id"]),
    ("mutes", ["root_id"]),
    ("notifications", ["post_id"]),
    ("reports", ["post_id"]),
    ("reports", ["reported_at"]),
    ("reports", ["reporter_id"]),
    ("reports", ["state"]),
    ("reports", ["target_id"]),
    ("told", ["post_id"]),
    ("votes", ["actor_id", "post_id"]),
)
_PARTIAL = (
    ("ix_activities_said_by", "activities", "actor_uri", "local"),
    ("ix_actors_page", "actors", "url", "url != uri"),
    ("ix_hosts_failing", "hosts", "failing_since", "failing_since IS NOT NULL"),
    ("ix_hosts_parked", "hosts", "next_try_at", "parked"),
    ("ix_posts_page", "posts", "url", "url != uri"),
    ("ix_posts_said_here", "posts", "kind", "local AND deleted_at IS NULL"),
)
_SWITCHES = ("local", "parked")


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
    for table, columns in _PLAIN:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    for name, table, column, where in _PARTIAL:
        there = sa.text(where)
        op.create_index(
            name, table, [column], sqlite_where=_on_sqlite(where), postgresql_where=there
        )


def _on_sqlite(where: str) -> sa.TextClause:
    """Switches as SQLAlchemy writes them there."""
    first, *rest = where.split(" ")
    return sa.text(" ".join([f"{first} = 1" if first in _SWITCHES else first, *rest]))


def _told(where: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_told_waiting", "told")
        columns = ["lane", "activity_id"]
        op.create_index("ix_told_waiting", "told", columns, sqlite_where=sa.text(where))


def downgrade() -> None:
    for name, table, _, _ in _PARTIAL:
        op.drop_index(name, table)
    for table, columns in _PLAIN:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table)
    _told("NOT spread")
    op.drop_index("ix_inbox_messages_next", "inbox_messages")
