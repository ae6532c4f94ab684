"""What stewards, admins and members do with each other: bans, reports, follows, pins, texts."""

import sqlalchemy as sa
from alembic import op

from fedcop.db.columns import BigInt, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and new columns of those that stand; every old row gets a plain default."""
    _host_policies()
    _tags()
    _blocks()
    _follows()
    _wordings()
    _bans()
    _moderation_log()
    _mutes()
    _post_tags()
    _reports()
    _new_columns()
    _notifications()


def _host_policies() -> None:
    op.create_table(
        "host_policies",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("attitude", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_policies")),
        sa.UniqueConstraint("name", name=op.f("uq_host_policies_name")),
    )


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )


def _blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("blocker_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("target_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("blocked_at", UtcDateTime(), nullable=False),
        sa.Column("uri", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["blocker_id"], ["actors.id"], name=op.f("fk_blocks_blocker_id")),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_blocks_target_id")),
        sa.PrimaryKeyConstraint("blocker_id", "target_id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_target_id"), "blocks", ["target_id"], unique=False)


def _follows() -> None:
    op.create_table(
        "follows",
        sa.Column("follower_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("target_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("followed_at", UtcDateTime(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["actors.id"], name=op.f("fk_follows_follower_id")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_follows_target_id")),
        sa.PrimaryKeyConstraint("follower_id", "target_id", name=op.f("pk_follows")),
    )
    op.create_index(
        op.f("ix_follows_target_id_standing"), "follows", ["target_id", "standing"], unique=False
    )


def _wordings() -> None:
    op.create_table(
        "wordings",
        sa.Column("subject_id", BigInt, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["actors.id"], name=op.f("fk_wordings_by_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["actors.id"], name=op.f("fk_wordings_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    op.create_index(
        op.f("ix_wordings_subject_id_text_id"),
        "wordings",
        ["subject_id", "text", "id"],
        unique=False,
    )


def _bans() -> None:
    op.create_table(
        "bans",
        sa.Column("community_id", BigInt, nullable=False),
        sa.Column("actor_id", BigInt, nullable=False),
        sa.Column("banned_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("uri", sa.String(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_bans_actor_id")),
        sa.ForeignKeyConstraint(["by_id"], ["actors.id"], name=op.f("fk_bans_by_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_bans_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index(op.f("ix_bans_actor_id"), "bans", ["actor_id"], unique=False)
    op.create_index(
        op.f("ix_bans_community_id_actor_id"), "bans", ["community_id", "actor_id"], unique=False
    )


def _moderation_log() -> None:
    op.create_table(
        "moderation_log",
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("community_id", BigInt, nullable=True),
        sa.Column("by_id", BigInt, nullable=True),
        sa.Column("actor_id", BigInt, nullable=True),
        sa.Column("post_id", BigInt, nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_moderation_log_actor_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["actors.id"], name=op.f("fk_moderation_log_by_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_moderation_log_community_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_moderation_log_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_log")),
    )
    op.create_index(
        op.f("ix_moderation_log_community_id_id"),
        "moderation_log",
        ["community_id", "id"],
        unique=False,
    )


def _mutes() -> None:
    op.create_table(
        "mutes",
        sa.Column("account_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("root_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("muted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.actor_id"], name=op.f("fk_mutes_account_id")
        ),
        sa.ForeignKeyConstraint(["root_id"], ["posts.id"], name=op.f("fk_mutes_root_id")),
        sa.PrimaryKeyConstraint("account_id", "root_id", name=op.f("pk_mutes")),
    )


def _post_tags() -> None:
    op.create_table(
        "post_tags",
        sa.Column("tag_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("post_id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_post_tags_tag_id")),
        sa.PrimaryKeyConstraint("tag_id", "post_id", name=op.f("pk_post_tags")),
    )
    op.create_index(op.f("ix_post_tags_post_id"), "post_tags", ["post_id"], unique=False)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("target_id", BigInt, nullable=False),
        sa.Column("community_id", BigInt, nullable=True),
        sa.Column("post_id", BigInt, nullable=True),
        sa.Column("reporter_id", BigInt, nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by_id", BigInt, nullable=True),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_reports_community_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_reports_post_id")),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["actors.id"], name=op.f("fk_reports_reporter_id")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["actors.id"], name=op.f("fk_reports_resolved_by_id")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_reports_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(
        op.f("ix_reports_community_id_state_id"),
        "reports",
        ["community_id", "state", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_reports_uri"), "reports", ["uri"], unique=False)


def _new_columns() -> None:
    """Added in place: SQLite would otherwise copy the table, and drop one that others refer to."""
    op.add_column("actors", sa.Column("suspended_at", UtcDateTime(), nullable=True))
    op.add_column("actors", sa.Column("moved_to_uri", sa.String(), nullable=True))
    op.add_column(
        "actors", sa.Column("also_known_as", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("communities", _switch("approval", on=False))
    op.add_column("communities", sa.Column("closed_at", UtcDateTime(), nullable=True))
    op.add_column("communities", _words("closing_notice"))
    op.add_column("memberships", _switch("approved", on=True))
    op.add_column("memberships", _words("asked_words"))
    op.add_column("posts", sa.Column("removed_by_id", BigInt, nullable=True))
    op.add_column("posts", _words("removal_reason"))
    op.add_column("posts", sa.Column("pinned_at", UtcDateTime(), nullable=True))
    op.add_column("posts", sa.Column("locked_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_posts_pinned",
        "posts",
        ["community_id"],
        sqlite_where=sa.text("pinned_at IS NOT NULL"),
        postgresql_where=sa.text("pinned_at IS NOT NULL"),
    )
    for column in ("legal_name", "contact", "postal_address"):
        op.add_column("site", _words(column))
    for column in ("blocked", "manner_fixed"):
        op.add_column("hosts", _switch(column, on=False))
    op.create_index(
        "ix_hosts_blocked",
        "hosts",
        ["id"],
        sqlite_where=sa.text("blocked"),
        postgresql_where=sa.text("blocked"),
    )


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _switch(name: str, *, on: bool) -> sa.Column[bool]:
    default = sa.true() if on else sa.false()
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default)


def _notifications() -> None:
    with op.batch_alter_table("notifications") as batch:
        batch.add_column(sa.Column("community_id", BigInt, nullable=True))
        batch.add_column(_words("words"))
        batch.alter_column("post_id", existing_type=BigInt, nullable=True)
        batch.create_foreign_key(
            op.f("fk_notifications_community_id"), "communities", ["community_id"], ["actor_id"]
        )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
