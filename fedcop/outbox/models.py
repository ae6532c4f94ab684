"""What was said to an audience, to whom it must still be brought, and where nobody took it."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.network.models import Activity


class Lane(IntEnum):
    """Which of a host's three queues; the lower one goes first."""

    CONTROL = 0
    CONTENT = 1
    VOTES = 2


class Told(HasId, Base):
    """One thing said to an audience, spread into deliveries in its turn.

    The audience is that of a community of ours, and/or every host that knows a post; `dialect`
    narrows it to hosts that are spoken to in that way.
    """

    __tablename__ = "told"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    community_id: Mapped[int | None] = mapped_column(
        ForeignKey("communities.actor_id"), default=None
    )
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), default=None)
    dialect: Mapped[str | None] = mapped_column(default=None)
    lane: Mapped[int] = mapped_column(default=Lane.CONTENT)
    spread: Mapped[bool] = mapped_column(default=False)
    activity: Mapped[Activity] = relationship(init=False, lazy="raise")
    __table_args__ = (
        Index(
            "ix_told_waiting",
            "lane",
            "activity_id",
            sqlite_where=text("spread = 0"),  # as SQLAlchemy writes it there
            postgresql_where=text("NOT spread"),
        ),
        Index(None, "community_id", "activity_id"),
        Index(None, "post_id"),
    )


class Delivery(Base):
    """What a host must still be brought, in order. The host is leased, never the row."""

    __tablename__ = "deliveries"
    host_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    activity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inbox_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    __table_args__ = ({"sqlite_with_rowid": False},)


class MissingInbox(Base):
    """An inbox that answered 404 or 410, and has taken nothing since.

    While `next_try_at` is set, what is for it is held back; None: it may be tried.
    """

    __tablename__ = "missing_inboxes"
    inbox_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host_id: Mapped[int] = mapped_column(index=True)
    missing_since: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (
        Index(
            "ix_missing_inboxes_closed",
            "next_try_at",
            sqlite_where=text("next_try_at IS NOT NULL"),
            postgresql_where=text("next_try_at IS NOT NULL"),
        ),
    )


class HeldBack(Base):
    """What waits until a missing inbox is there again, or another is named for who read there."""

    __tablename__ = "held_back"
    inbox_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lane: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    activity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    __table_args__ = ({"sqlite_with_rowid": False},)
