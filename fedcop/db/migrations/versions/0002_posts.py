"""Posts, notifications, inbox, outbox, jobs."""

import sqlalchemy as sa
from alembic import op

from fedcop.db.columns import BigInt, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, those that others refer to first."""
    _deliveries()
    _inbox_messages()
    _jobs()
    _posts()
    _attachments()
    _known_at()
    _mentions()
    _notifications()
    _reported_votes()
    _revisions()
    _told()
    _votes()


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("host_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("lane", BigInt, autoincrement=False, nullable=False),
        sa.Column("activity_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("inbox_id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "host_id", "lane", "activity_id", "inbox_id", name=op.f("pk_deliveries")
        ),
        sqlite_with_rowid=False,
    )


def _inbox_messages() -> None:
    op.create_table(
        "inbox_messages",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signer_uri", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", BigInt, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("waiting_for", sa.String(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_inbox_messages_key")),
    )
    op.create_index(
        "ix_inbox_messages_waiting",
        "inbox_messages",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_inbox_messages_waiting_for",
        "inbox_messages",
        ["waiting_for"],
        unique=False,
        sqlite_where=sa.text("waiting_for IS NOT NULL"),
        postgresql_where=sa.text("waiting_for IS NOT NULL"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", BigInt, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_state_due_at"), "jobs", ["state", "due_at"], unique=False)


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("community_id", BigInt, nullable=False),
        sa.Column("root_id", BigInt, nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("active_at", UtcDateTime(), nullable=False),
        sa.Column("parent_id", BigInt, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("warning", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("announce_uri", sa.String(), nullable=True),
        sa.Column("reply_count", BigInt, nullable=False),
        sa.Column("thread_count", BigInt, nullable=False),
        sa.Column("likes", BigInt, nullable=False),
        sa.Column("dislikes", BigInt, nullable=False),
        sa.Column("reported_likes", BigInt, nullable=False),
        sa.Column("reported_dislikes", BigInt, nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["actors.id"], name=op.f("fk_posts_author_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_posts_community_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["posts.id"], name=op.f("fk_posts_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("uri", name=op.f("uq_posts_uri")),
    )
    op.create_index(op.f("ix_posts_author_id_id"), "posts", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_posts_parent_id"), "posts", ["parent_id"], unique=False)
    op.create_index(op.f("ix_posts_root_id_id"), "posts", ["root_id", "id"], unique=False)
    op.create_index(
        "ix_posts_starters",
        "posts",
        ["community_id", "id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NULL AND kind != 'reply'"),
        postgresql_where=sa.text("parent_id IS NULL AND kind != 'reply'"),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("post_id", BigInt, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_attachments_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_post_id"), "attachments", ["post_id"], unique=False)


def _known_at() -> None:
    op.create_table(
        "known_at",
        sa.Column("post_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("inbox_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("host_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_known_at_host_id")),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["remote_inboxes.id"], name=op.f("fk_known_at_inbox_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_known_at_post_id")),
        sa.PrimaryKeyConstraint("post_id", "inbox_id", name=op.f("pk_known_at")),
    )


def _mentions() -> None:
    op.create_table(
        "mentions",
        sa.Column("post_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("actor_id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_mentions_actor_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_mentions_post_id")),
        sa.PrimaryKeyConstraint("post_id", "actor_id", name=op.f("pk_mentions")),
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_id", BigInt, nullable=False),
        sa.Column("post_id", BigInt, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.actor_id"], name=op.f("fk_notifications_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_notifications_actor_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_notifications_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        op.f("ix_notifications_account_id_id"), "notifications", ["account_id", "id"], unique=False
    )


def _reported_votes() -> None:
    op.create_table(
        "reported_votes",
        sa.Column("post_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("value", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_reported_votes_post_id")),
        sa.PrimaryKeyConstraint("post_id", "voter", name=op.f("pk_reported_votes")),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("post_id", BigInt, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_revisions_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_post_id"), "revisions", ["post_id"], unique=False)


def _told() -> None:
    op.create_table(
        "told",
        sa.Column("activity_id", BigInt, nullable=False),
        sa.Column("community_id", BigInt, nullable=True),
        sa.Column("post_id", BigInt, nullable=True),
        sa.Column("dialect", sa.String(), nullable=True),
        sa.Column("lane", BigInt, nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_told_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_told_community_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_told_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told")),
    )
    op.create_index(
        op.f("ix_told_community_id_activity_id"),
        "told",
        ["community_id", "activity_id"],
        unique=False,
    )
    op.create_index(
        "ix_told_waiting",
        "told",
        ["lane", "activity_id"],
        unique=False,
        sqlite_where=sa.text("NOT spread"),
        postgresql_where=sa.text("NOT spread"),
    )


def _votes() -> None:
    op.create_table(
        "votes",
        sa.Column("post_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("actor_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("value", BigInt, nullable=False),
        sa.Column("uri", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_votes_actor_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_votes_post_id")),
        sa.PrimaryKeyConstraint("post_id", "actor_id", name=op.f("pk_votes")),
    )
