"""Hosts and the journal, people, access, communities."""

import sqlalchemy as sa
from alembic import op

from fedcop.db.columns import BigInt, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, those that others refer to first."""
    _activities()
    _hosts()
    _site()
    _tombstones()
    _remote_inboxes()
    _actors()
    _accounts()
    _communities()
    _keys()
    _audiences()
    _credentials()
    _links()
    _memberships()
    _sessions()


def _activities() -> None:
    op.create_table(
        "activities",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor_uri", sa.String(), nullable=False),
        sa.Column("object_uri", sa.String(), nullable=True),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("note_body", sa.LargeBinary(), nullable=True),
        sa.Column("for_microblogs", sa.Boolean(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("uri", name=op.f("uq_activities_uri")),
    )
    op.create_index(op.f("ix_activities_object_uri"), "activities", ["object_uri"], unique=False)


def _hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("software", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("dialect", sa.String(), nullable=True),
        sa.Column("view", sa.String(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("signature_spec", sa.String(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failures", BigInt, nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_success_at", UtcDateTime(), nullable=True),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("name", name=op.f("uq_hosts_name")),
    )


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("actor_id", BigInt, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("uri", "said_by", name=op.f("uq_tombstones_uri_said_by")),
    )


def _remote_inboxes() -> None:
    op.create_table(
        "remote_inboxes",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("host_id", BigInt, nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_remote_inboxes_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_inboxes")),
        sa.UniqueConstraint("uri", name=op.f("uq_remote_inboxes_uri")),
    )
    op.create_index(op.f("ix_remote_inboxes_host_id"), "remote_inboxes", ["host_id"], unique=False)


def _actors() -> None:
    op.create_table(
        "actors",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("host_id", BigInt, nullable=True),
        sa.Column("summary_html", sa.String(), nullable=False),
        sa.Column("summary_source", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("inbox_uri", sa.String(), nullable=False),
        sa.Column("shared_inbox_uri", sa.String(), nullable=True),
        sa.Column("outbox_uri", sa.String(), nullable=True),
        sa.Column("followers_uri", sa.String(), nullable=True),
        sa.Column("featured_uri", sa.String(), nullable=True),
        sa.Column("moderators_uri", sa.String(), nullable=True),
        sa.Column("delivery_inbox_id", BigInt, nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_inbox_id"], ["remote_inboxes.id"], name=op.f("fk_actors_delivery_inbox_id")
        ),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_actors_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
        sa.UniqueConstraint("host_id", "name", "type", name=op.f("uq_actors_host_id_name_type")),
        sa.UniqueConstraint("uri", name=op.f("uq_actors_uri")),
    )
    op.create_index(op.f("ix_actors_name"), "actors", ["name"], unique=False)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("actor_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("suspended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_accounts_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )


def _communities() -> None:
    op.create_table(
        "communities",
        sa.Column("actor_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("founded_at", UtcDateTime(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("charter_source", sa.String(), nullable=False),
        sa.Column("charter_html", sa.String(), nullable=False),
        sa.Column("stewards_only", sa.Boolean(), nullable=False),
        sa.Column("members_count", BigInt, nullable=False),
        sa.Column("threads_count", BigInt, nullable=False),
        sa.Column("last_post_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_communities_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_communities")),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("actor_id", BigInt, nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_keys_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("uri", name=op.f("uq_keys_uri")),
    )
    op.create_index(op.f("ix_keys_actor_id"), "keys", ["actor_id"], unique=False)


def _audiences() -> None:
    op.create_table(
        "audiences",
        sa.Column("community_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("inbox_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("host_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_audiences_community_id")
        ),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_audiences_host_id")),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["remote_inboxes.id"], name=op.f("fk_audiences_inbox_id")
        ),
        sa.PrimaryKeyConstraint("community_id", "inbox_id", name=op.f("pk_audiences")),
    )
    op.create_index(op.f("ix_audiences_host_id"), "audiences", ["host_id"], unique=False)


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("account_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.actor_id"], name=op.f("fk_credentials_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_credentials")),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("community_id", BigInt, nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("invited_by_id", BigInt, nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.actor_id"], name=op.f("fk_links_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["actors.id"], name=op.f("fk_links_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["actors.id"], name=op.f("fk_links_invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_links_token_hash")),
    )


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("community_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("actor_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("follow_uri", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_memberships_actor_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.actor_id"], name=op.f("fk_memberships_community_id")
        ),
        sa.PrimaryKeyConstraint("community_id", "actor_id", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_actor_id_standing"),
        "memberships",
        ["actor_id", "standing"],
        unique=False,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.actor_id"], name=op.f("fk_sessions_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
