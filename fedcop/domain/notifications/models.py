"""`notifications`, `mutes`: what concerns a person here and why, and what they will not hear of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


class Notification(HasId, Base):
    """Something concerns a person here; `reason` says why (`reasons.Reason`)."""

    __tablename__ = "notifications"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.actor_id"))
    reason: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), default=None)
    community_id: Mapped[int | None] = mapped_column(
        ForeignKey("communities.actor_id"), default=None
    )
    words: Mapped[str] = mapped_column(default="")
    """A reason that somebody gave, plain text."""
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    actor: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=actor_id)
    post: Mapped[Post | None] = relationship(init=False, lazy="raise")
    community: Mapped[Community | None] = relationship(init=False, lazy="raise")
    __table_args__ = (
        Index(None, "account_id", "id"),
        Index(None, "post_id"),
        Index(
            "ix_notifications_unread",
            "account_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )


class Mute(Base):
    """A person does not want to hear of a discussion any more, unless they are named in it."""

    __tablename__ = "mutes"
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.actor_id"), primary_key=True, autoincrement=False
    )
    root_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    muted_at: Mapped[datetime]
    root: Mapped[Post] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "root_id"),)
