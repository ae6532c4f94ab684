"""`actors`, `keys`, `accounts`, `follows`, `blocks`: whoever acts, and who listens to whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.network.models import Host, RemoteInbox


class Actor(HasId, Base):
    """A Person, Group, Application … of ours (`host_id` is None) or of another server."""

    __tablename__ = "actors"
    uri: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    name: Mapped[str]
    """preferredUsername, lower-case; people and communities share one name space on a host."""
    display_name: Mapped[str] = mapped_column(default="")
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"), default=None)
    summary_html: Mapped[str] = mapped_column(default="")
    summary_source: Mapped[str | None] = mapped_column(default=None)
    url: Mapped[str | None] = mapped_column(default=None)
    inbox_uri: Mapped[str] = mapped_column(default="")
    shared_inbox_uri: Mapped[str | None] = mapped_column(default=None)
    outbox_uri: Mapped[str | None] = mapped_column(default=None)
    followers_uri: Mapped[str | None] = mapped_column(default=None)
    featured_uri: Mapped[str | None] = mapped_column(default=None)
    moderators_uri: Mapped[str | None] = mapped_column(default=None)
    delivery_inbox_id: Mapped[int | None] = mapped_column(
        ForeignKey("remote_inboxes.id"), default=None
    )
    """Where we deliver for a remote actor: the shared inbox if there is one."""
    fetched_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)
    """When an admin of this server stopped listening to them, wherever they live."""
    moved_to_uri: Mapped[str | None] = mapped_column(default=None)
    also_known_as: Mapped[list[str]] = mapped_column(JSON, default_factory=list[str])
    """The ids of other accounts that they say are theirs, too (alsoKnownAs, FEP-7628)."""
    host: Mapped[Host | None] = relationship(init=False, lazy="raise")
    delivery_inbox: Mapped[RemoteInbox | None] = relationship(init=False, lazy="raise")
    __table_args__ = (
        UniqueConstraint("host_id", "name", "type"),
        Index(None, "name"),
        Index(
            "ix_actors_page",
            "url",
            sqlite_where=text("url != uri"),
            postgresql_where=text("url != uri"),
        ),
    )

    @property
    def is_local(self) -> bool:
        return self.host_id is None

    @property
    def title(self) -> str:
        """What a reader sees: the display name, else the name."""
        return self.display_name or self.name


class Key(HasId, Base):
    """A public key of an actor, and the sealed private one if the actor is ours."""

    __tablename__ = "keys"
    uri: Mapped[str] = mapped_column(unique=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), index=True)
    algorithm: Mapped[str]
    """`rsa` (publicKey, PEM) or `ed25519` (assertionMethod, Multikey)."""
    public: Mapped[str]
    """PEM for rsa, multibase for ed25519."""
    private_sealed: Mapped[bytes | None] = mapped_column(default=None)
    fetched_at: Mapped[datetime | None] = mapped_column(default=None)
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")


class Account(Base):
    """What makes a local person able to sign in; one to one with their actor."""

    __tablename__ = "accounts"
    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    created_at: Mapped[datetime]
    role: Mapped[str] = mapped_column(default="member")
    """On this server: `member` or `admin`."""
    email: Mapped[str | None] = mapped_column(default=None, unique=True)
    locale: Mapped[str | None] = mapped_column(default=None)
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "role"),)


class FollowStanding(StrEnum):
    """How far a Follow of a person has come."""

    ASKED = "asked"
    ACTIVE = "active"


class Follow(Base):
    """A person listens to a person; for communities there are memberships."""

    __tablename__ = "follows"
    follower_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    target_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    followed_at: Mapped[datetime]
    standing: Mapped[str] = mapped_column(default=FollowStanding.ACTIVE)
    uri: Mapped[str | None] = mapped_column(default=None)
    follower: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=follower_id)
    target: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=target_id)
    __table_args__ = (Index(None, "target_id", "standing"),)


class Block(Base):
    """A person wants nothing to do with another: neither hears of the other any more."""

    __tablename__ = "blocks"
    blocker_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    target_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    blocked_at: Mapped[datetime]
    uri: Mapped[str | None] = mapped_column(default=None)
    """The Block by which a remote person said so."""
    blocker: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=blocker_id)
    target: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=target_id)
    __table_args__ = (Index(None, "target_id"),)
