"""`communities`, `memberships`, `audiences`, `bans`: what a Group is, and who belongs to it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.network.models import RemoteInbox
from fedcop.domain.people.models import Actor


class Role(StrEnum):
    """What a member is in a community; a steward is a moderator on the wire."""

    MEMBER = "member"
    STEWARD = "steward"


class Standing(StrEnum):
    """How far a membership has come."""

    ASKED = "asked"
    """We have sent a Follow and wait for its Accept."""
    ACTIVE = "active"
    REFUSED = "refused"


class Community(Base):
    """A community, here or elsewhere; one to one with its Group actor."""

    __tablename__ = "communities"
    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    local: Mapped[bool]
    founded_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(default="")
    """One sentence, plain text."""
    charter_source: Mapped[str] = mapped_column(default="")
    charter_html: Mapped[str] = mapped_column(default="")
    stewards_only: Mapped[bool] = mapped_column(default=False)
    """Whether only stewards may start discussions (postingRestrictedToMods)."""
    approval: Mapped[bool] = mapped_column(default=False)
    """Whether stewards decide who may write. Everybody may listen: on the wire every Follow is
    accepted at once, because Lemmy takes a community that waits for private."""
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    """From then on it is read, and nobody writes."""
    closing_notice: Mapped[str] = mapped_column(default="")
    """Why it was closed and where to go, plain text."""
    members_count: Mapped[int] = mapped_column(default=0)
    threads_count: Mapped[int] = mapped_column(default=0)
    last_post_at: Mapped[datetime | None] = mapped_column(default=None)
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")


class Membership(Base):
    """An actor in a community. For a Group the accepted Follow is the membership."""

    __tablename__ = "memberships"
    community_id: Mapped[int] = mapped_column(
        ForeignKey("communities.actor_id"), primary_key=True, autoincrement=False
    )
    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    joined_at: Mapped[datetime]
    role: Mapped[str] = mapped_column(default=Role.MEMBER)
    standing: Mapped[str] = mapped_column(default=Standing.ACTIVE)
    follow_uri: Mapped[str | None] = mapped_column(default=None)
    approved: Mapped[bool] = mapped_column(default=True)
    """False while the stewards of a community that decides have not answered: they read only."""
    asked_words: Mapped[str] = mapped_column(default="")
    """What they said about themselves when they asked, plain text."""
    community: Mapped[Community] = relationship(init=False, lazy="raise")
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "actor_id", "standing"),)


class Audience(Base):
    """The addresses where a community of ours has members; kept by joining and leaving."""

    __tablename__ = "audiences"
    community_id: Mapped[int] = mapped_column(
        ForeignKey("communities.actor_id"), primary_key=True, autoincrement=False
    )
    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("remote_inboxes.id"), primary_key=True, autoincrement=False
    )
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), index=True)
    community: Mapped[Community] = relationship(init=False, lazy="raise")
    inbox: Mapped[RemoteInbox] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "community_id", "host_id", "inbox_id"),)
    """In this order deliveries are written: spreading reads this index alone."""


class Ban(HasId, Base):
    """An actor may not take part in a community, until a moment or for good.

    Of a local community it is enforced here; of another's it is what its host says.
    """

    __tablename__ = "bans"
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.actor_id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), index=True)
    banned_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    until: Mapped[datetime | None] = mapped_column(default=None)
    lifted_at: Mapped[datetime | None] = mapped_column(default=None)
    uri: Mapped[str | None] = mapped_column(default=None)
    """The Block that said so."""
    community: Mapped[Community] = relationship(init=False, lazy="raise")
    actor: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=actor_id)
    __table_args__ = (Index(None, "community_id", "actor_id"), Index(None, "uri"))
