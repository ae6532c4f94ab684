"""Full-text search of what is said and of who is there; lists of discussions by index."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from fedcop.db.columns import BigInt, UtcDateTime
from fedcop.ids import new_id

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STARTERS = "parent_id IS NULL AND kind != 'reply'"


def upgrade() -> None:
    """The index as the database has it, not yet filled: a job does that beside the first day."""
    if op.get_bind().dialect.name == "sqlite":
        # words come folded: letters and digits with blanks between, where `ascii` divides
        op.execute("CREATE VIRTUAL TABLE post_search USING fts5(title, text, tokenize='ascii')")
        op.execute("CREATE VIRTUAL TABLE actor_search USING fts5(names, purpose, tokenize='ascii')")
    else:
        for table in ("post_search", "actor_search"):
            op.execute(f"CREATE TABLE {table} (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
            op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")
    _partial("ix_posts_active", "posts", ["community_id", "active_at", "id"], _STARTERS)
    unanswered = f"{_STARTERS} AND thread_count = 0"
    _partial("ix_posts_unanswered", "posts", ["community_id", "id"], unanswered)
    _partial("ix_posts_started_by", "posts", ["author_id", "id"], _STARTERS)
    _partial("ix_inbox_messages_dead", "inbox_messages", ["id"], "state = 'dead'")
    _partial("ix_activities_heard", "activities", ["id"], "NOT local AND length(body) > 0")
    _fill_later()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    predicate = sa.text(where)
    op.create_index(
        name, table, columns, sqlite_where=predicate, postgresql_where=predicate, unique=False
    )


def _fill_later() -> None:
    """A server that has posts already gets a job that indexes them, some hundred at a time."""
    database = op.get_bind()
    if database.scalar(sa.text("SELECT id FROM actors LIMIT 1")) is None:
        return
    jobs = sa.table(
        "jobs",
        sa.column("id", BigInt),
        sa.column("name", sa.String()),
        sa.column("payload", sa.JSON()),
        sa.column("due_at", UtcDateTime()),
        sa.column("state", sa.String()),
        sa.column("attempts", BigInt),
    )
    nothing: dict[str, str] = {}
    job = {"name": "fill_search", "payload": nothing, "state": "waiting", "attempts": 0}
    op.execute(jobs.insert().values(id=new_id(), due_at=datetime.now(UTC), **job))
