"""`posts` and what hangs on them: revisions, votes, mentions, tags, attachments, copies."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.communities.models import Community
from fedcop.domain.network.models import RemoteInbox
from fedcop.domain.people.models import Actor


class Kind(StrEnum):
    """What a post is to us."""

    DISCUSSION = "discussion"
    REPLY = "reply"


class Post(HasId, Base):
    """All that is said: a thread starter (its own `root_id`), or a reply somewhere under one."""

    __tablename__ = "posts"
    uri: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    """Its ActivityStreams type, as it came or as we say it."""
    kind: Mapped[str]
    local: Mapped[bool]
    author_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.actor_id"))
    root_id: Mapped[int]
    published_at: Mapped[datetime]
    active_at: Mapped[datetime]
    """On a thread starter: when something was last said under it."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"), default=None)
    title: Mapped[str] = mapped_column(default="")
    html: Mapped[str] = mapped_column(default="")
    """Clean: only what `text.sanitize` made."""
    source: Mapped[str | None] = mapped_column(default=None)
    """The Markdown that the author wrote, if we have it."""
    summary: Mapped[str] = mapped_column(default="")
    """Plain text of at most 500 characters; for a thread starter never empty."""
    warning: Mapped[str | None] = mapped_column(default=None)
    """A content warning that the author set."""
    language: Mapped[str | None] = mapped_column(default=None)
    url: Mapped[str | None] = mapped_column(default=None)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When a steward took it out of the community, or its community relayed a deletion."""
    removed_by_id: Mapped[int | None] = mapped_column(default=None)
    """The steward's actor; None if only the community's host said so."""
    removal_reason: Mapped[str] = mapped_column(default="")
    pinned_at: Mapped[datetime | None] = mapped_column(default=None)
    """On a thread starter: since when it stands first in its community."""
    locked_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when nobody can reply to it; on a thread starter, to anything under it."""
    confirmed: Mapped[bool] = mapped_column(default=True)
    """False while only a community has said that it exists: its id is kept, nothing is shown."""
    announce_uri: Mapped[str | None] = mapped_column(default=None)
    """The `Announce{id}` that micro-blog followers got; what an `Undo` names."""
    reply_count: Mapped[int] = mapped_column(default=0)
    """Direct replies."""
    thread_count: Mapped[int] = mapped_column(default=0)
    """On a thread starter: all replies under it."""
    likes: Mapped[int] = mapped_column(default=0)
    dislikes: Mapped[int] = mapped_column(default=0)
    reported_likes: Mapped[int] = mapped_column(default=0)
    """Votes that only a community reported, which name nobody."""
    reported_dislikes: Mapped[int] = mapped_column(default=0)
    author: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=author_id)
    community: Mapped[Community] = relationship(init=False, lazy="raise")
    parent: Mapped["Post | None"] = relationship(init=False, lazy="raise", remote_side="Post.id")
    __table_args__ = (
        Index(None, "root_id", "id"),
        Index(None, "author_id", "id"),
        Index(None, "parent_id"),
        Index(
            "ix_posts_page",
            "url",
            sqlite_where=text("url != uri"),
            postgresql_where=text("url != uri"),
        ),
        Index(
            "ix_posts_said_here",
            "kind",
            sqlite_where=text("local = 1 AND deleted_at IS NULL"),
            postgresql_where=text("local AND deleted_at IS NULL"),
        ),
        Index(
            "ix_posts_pinned",
            "community_id",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        Index(
            "ix_posts_active",
            "community_id",
            "active_at",
            "id",
            sqlite_where=text("parent_id IS NULL AND kind != 'reply'"),
            postgresql_where=text("parent_id IS NULL AND kind != 'reply'"),
        ),
        Index(
            "ix_posts_unanswered",
            "community_id",
            "id",
            sqlite_where=text("parent_id IS NULL AND kind != 'reply' AND thread_count = 0"),
            postgresql_where=text("parent_id IS NULL AND kind != 'reply' AND thread_count = 0"),
        ),
        Index(
            "ix_posts_started_by",
            "author_id",
            "id",
            sqlite_where=text("parent_id IS NULL AND kind != 'reply'"),
            postgresql_where=text("parent_id IS NULL AND kind != 'reply'"),
        ),
        Index(
            "ix_posts_starters",
            "community_id",
            "id",
            sqlite_where=text("parent_id IS NULL AND kind != 'reply'"),
            postgresql_where=text("parent_id IS NULL AND kind != 'reply'"),
        ),
    )

    @property
    def is_visible(self) -> bool:
        """Whether its words may be shown."""
        return self.confirmed and self.deleted_at is None and self.removed_at is None

    @property
    def is_starter(self) -> bool:
        return self.root_id == self.id


class Revision(HasId, Base):
    """How a post read before an edit."""

    __tablename__ = "revisions"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    title: Mapped[str]
    html: Mapped[str]
    source: Mapped[str | None]
    replaced_at: Mapped[datetime]
    post: Mapped[Post] = relationship(init=False, lazy="raise")


class Vote(Base):
    """One actor's vote on one post: +1 (helpful), -1, or 0 when taken back."""

    __tablename__ = "votes"
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    value: Mapped[int]
    uri: Mapped[str | None] = mapped_column(default=None)
    post: Mapped[Post] = relationship(init=False, lazy="raise")
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "actor_id", "post_id"),)


class ReportedVote(Base):
    """A vote that only the community reports: a keyed hash stands for who it was."""

    __tablename__ = "reported_votes"
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    voter: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    post: Mapped[Post] = relationship(init=False, lazy="raise")


class Mention(Base):
    """A post names an actor."""

    __tablename__ = "mentions"
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    actor_id: Mapped[int] = mapped_column(
        ForeignKey("actors.id"), primary_key=True, autoincrement=False
    )
    post: Mapped[Post] = relationship(init=False, lazy="raise")
    actor: Mapped[Actor] = relationship(init=False, lazy="raise")


class Tag(HasId, Base):
    """A hashtag: `name` case-folded without the `#`, by which it is found; `shown` as first met."""

    __tablename__ = "tags"
    name: Mapped[str] = mapped_column(unique=True)
    shown: Mapped[str]


class PostTag(Base):
    """A post carries a hashtag."""

    __tablename__ = "post_tags"
    tag_id: Mapped[int] = mapped_column(
        ForeignKey("tags.id"), primary_key=True, autoincrement=False
    )
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    tag: Mapped[Tag] = relationship(init=False, lazy="raise")
    post: Mapped[Post] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "post_id"),)


class Attachment(HasId, Base):
    """A link, picture or file of a post; a picture is shown as a link with its words."""

    __tablename__ = "attachments"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    type: Mapped[str]
    url: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    media_type: Mapped[str | None] = mapped_column(default=None)
    post: Mapped[Post] = relationship(init=False, lazy="raise")


class KnownAt(Base):
    """Where on a micro-blog host a local author's post is known: it must hear of edits."""

    __tablename__ = "known_at"
    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id"), primary_key=True, autoincrement=False
    )
    inbox_id: Mapped[int] = mapped_column(
        ForeignKey("remote_inboxes.id"), primary_key=True, autoincrement=False
    )
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), index=True)
    post: Mapped[Post] = relationship(init=False, lazy="raise")
    inbox: Mapped[RemoteInbox] = relationship(init=False, lazy="raise")
