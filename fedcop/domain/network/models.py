"""`hosts`, `host_policies`, `remote_inboxes`, `activities`, `tombstones`: who else there is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.db.columns import LONG_AGO


class Host(HasId, Base):
    """Another server, by its name (and port, in development). It is leased as a whole."""

    __tablename__ = "hosts"
    name: Mapped[str] = mapped_column(unique=True)
    software: Mapped[str | None] = mapped_column(default=None)
    version: Mapped[str | None] = mapped_column(default=None)
    dialect: Mapped[str | None] = mapped_column(default=None)
    """`forum` or `microblog`, once it is known or guessed; nothing is told before."""
    view: Mapped[str | None] = mapped_column(default=None)
    """`native` or `note`: how our thread starters are shown to it."""
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its NodeInfo was last asked for."""
    signature_spec: Mapped[str] = mapped_column(default="cavage")
    parked: Mapped[bool] = mapped_column(default=False)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(default=None)
    last_success_at: Mapped[datetime | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime] = mapped_column(default=LONG_AGO)
    leased_until: Mapped[datetime] = mapped_column(default=LONG_AGO)
    blocked: Mapped[bool] = mapped_column(default=False)
    """Whether the policies refuse it: kept by whoever decides, so that lists need no look-up."""
    manner_fixed: Mapped[bool] = mapped_column(default=False)
    """An admin has said how it is spoken to: its NodeInfo no longer changes that."""
    __table_args__ = (
        Index(
            "ix_hosts_blocked",
            "id",
            sqlite_where=text("blocked"),
            postgresql_where=text("blocked"),
        ),
        Index(
            "ix_hosts_parked",
            "next_try_at",
            sqlite_where=text("parked = 1"),  # as SQLAlchemy writes it there
            postgresql_where=text("parked"),
        ),
        Index(
            "ix_hosts_failing",
            "failing_since",
            sqlite_where=text("failing_since IS NOT NULL"),
            postgresql_where=text("failing_since IS NOT NULL"),
        ),
    )


class Attitude(StrEnum):
    """How an admin has decided to treat a host and everything below it."""

    ALLOW = "allow"
    BLOCK = "block"


class HostPolicy(HasId, Base):
    """An admin's decision about a host; `name` is canonical (lower case, punycode, no dot at the
    end, no port) and stands for its subdomains, too. The most exact one counts; `*`, the least
    exact, stands for every host: blocked, it leaves those that are allowed."""

    __tablename__ = "host_policies"
    name: Mapped[str] = mapped_column(unique=True)
    attitude: Mapped[str]
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    """Name of the admin, or `command line`."""


class RemoteInbox(HasId, Base):
    """An address to which we deliver: a host's shared inbox, or one actor's own."""

    __tablename__ = "remote_inboxes"
    uri: Mapped[str] = mapped_column(unique=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), index=True)
    host: Mapped[Host] = relationship(init=False, lazy="raise")


class Activity(HasId, Base):
    """The journal: everything that was said by us, or to us and accepted. Its URI is unique."""

    __tablename__ = "activities"
    uri: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    actor_uri: Mapped[str]
    object_uri: Mapped[str | None] = mapped_column(default=None)
    local: Mapped[bool] = mapped_column(default=False)
    body: Mapped[bytes] = mapped_column(default=b"")
    """The JSON as it came, or in the native view as we say it."""
    note_body: Mapped[bytes | None] = mapped_column(default=None)
    """The same for hosts of the Note view, where it differs."""
    for_microblogs: Mapped[bool] = mapped_column(default=False)
    """Whether micro-blog software may fetch it: Create, Update, Announce of thread starters."""
    __table_args__ = (
        Index(None, "object_uri"),
        Index(
            "ix_activities_said_by",
            "actor_uri",
            sqlite_where=text("local = 1"),
            postgresql_where=text("local"),
        ),
        Index(
            "ix_activities_heard",
            "id",
            sqlite_where=text("NOT local AND length(body) > 0"),
            postgresql_where=text("NOT local AND length(body) > 0"),
        ),
    )


class Tombstone(HasId, Base):
    """What its own host said is deleted or undone; it stays so if it comes (again) later."""

    __tablename__ = "tombstones"
    uri: Mapped[str]
    said_by: Mapped[str]
    """The actor who said so; only what is theirs is kept away by it."""
    __table_args__ = (UniqueConstraint("uri", "said_by"),)
