"""`reports`, `moderation_log`: what was reported, and what stewards and admins did about it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


class ReportState(StrEnum):
    """How far the stewards are with it."""

    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Report(HasId, Base):
    """Somebody asks the stewards to look at a post or a person."""

    __tablename__ = "reports"
    reported_at: Mapped[datetime]
    target_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    """Who is reported; for a post, its author."""
    community_id: Mapped[int | None] = mapped_column(
        ForeignKey("communities.actor_id"), default=None
    )
    """Whose stewards decide; None: the admins of this server."""
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), default=None)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    """A micro-blog server reports in its own name: then this is its instance actor."""
    words: Mapped[str] = mapped_column(default="")
    snapshot: Mapped[str] = mapped_column(default="")
    """What the post said when it was reported, plain text."""
    state: Mapped[str] = mapped_column(default=ReportState.OPEN)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    resolution: Mapped[str] = mapped_column(default="")
    """What was decided, in words."""
    uri: Mapped[str | None] = mapped_column(default=None)
    """The Flag that said so, or by which we said so."""
    target: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=target_id)
    reporter: Mapped[Actor | None] = relationship(
        init=False, lazy="raise", foreign_keys=reporter_id
    )
    community: Mapped[Community | None] = relationship(init=False, lazy="raise")
    post: Mapped[Post | None] = relationship(init=False, lazy="raise")
    __table_args__ = (
        Index(None, "community_id", "state", "id"),
        Index(None, "uri"),
        Index(None, "state"),
        Index(None, "reporter_id"),
        Index(None, "target_id"),
        Index(None, "post_id"),
        Index(None, "reported_at"),
    )


class Deed(HasId, Base):
    """One thing that a steward or an admin did; nothing here is ever changed or deleted."""

    __tablename__ = "moderation_log"
    deed: Mapped[str]
    """A word of `log.Deeds`: `removed`, `restored`, `locked`, `banned`, `blocked host` …"""
    done_at: Mapped[datetime]
    community_id: Mapped[int | None] = mapped_column(
        ForeignKey("communities.actor_id"), default=None
    )
    """None: it concerns the whole server."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    """None: from the command line."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), default=None)
    subject: Mapped[str] = mapped_column(default="")
    """What it was done to, where that is no row: the name of a host, a setting."""
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[Actor | None] = relationship(init=False, lazy="raise", foreign_keys=by_id)
    actor: Mapped[Actor | None] = relationship(init=False, lazy="raise", foreign_keys=actor_id)
    community: Mapped[Community | None] = relationship(init=False, lazy="raise")
    post: Mapped[Post | None] = relationship(init=False, lazy="raise")
    __table_args__ = (
        Index(None, "community_id", "id"),
        Index(None, "actor_id"),
        Index(None, "post_id"),
    )
