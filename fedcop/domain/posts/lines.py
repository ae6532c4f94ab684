"""What a thread reads of its posts, and of who wrote them: the columns that are shown, no more.

A long discussion is hundreds of rows, and a whole `Post` has twice as many columns as a page shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Attachment, Post


@dataclass(slots=True)
class Line:
    """A post as a thread shows it; each field is that of `Post`."""

    id: int
    uri: str
    kind: str
    local: bool
    author_id: int
    community_id: int
    root_id: int
    published_at: datetime
    parent_id: int | None
    title: str
    html: str
    warning: str | None
    language: str | None
    url: str | None
    edited_at: datetime | None
    deleted_at: datetime | None
    removed_at: datetime | None
    removal_reason: str
    pinned_at: datetime | None
    locked_at: datetime | None
    confirmed: bool
    thread_count: int
    likes: int
    reported_likes: int
    has_source: bool
    """Whether we have what the author wrote, so that they can edit it."""
    has_attachments: bool
    is_visible: bool = False
    """Whether its words may be shown."""

    def __post_init__(self) -> None:
        self.is_visible = self.confirmed and self.deleted_at is None and self.removed_at is None

    @property
    def is_starter(self) -> bool:
        return self.root_id == self.id


@dataclass(slots=True)
class Author:
    """Whoever wrote one of them; each field is that of `Actor`."""

    id: int
    uri: str
    type: str
    name: str
    display_name: str
    host_id: int | None
    url: str | None
    hidden: bool | None
    """Whether an admin has blocked their server."""

    @property
    def is_local(self) -> bool:
        return self.host_id is None

    @property
    def title(self) -> str:
        """What a reader sees: the display name, else the name."""
        return self.display_name or self.name


_posts, _actors, _hosts = Post.__table__.c, Actor.__table__.c, Host.__table__.c
_LINE = (
    *(_posts[field.name] for field in fields(Line) if field.name in _posts),
    _posts.source.is_not(None),
    exists().where(Attachment.post_id == _posts.id),
)
_AUTHOR = (
    *(_actors[field.name] for field in fields(Author) if field.name in _actors),
    _hosts.blocked,
)
_WROTE = len(_LINE)
"""Where the author's columns begin."""

# Put together once: that costs a quarter of what running one does.
_LINES = (
    select(*_LINE, *_AUTHOR)
    .join(Actor.__table__, _actors.id == _posts.author_id)
    .join(Host.__table__, _hosts.id == _actors.host_id, isouter=True)
)
_OF_ROOT = _LINES.where(_posts.root_id == bindparam("root")).order_by(_posts.id)
_THREAD = _OF_ROOT.limit(bindparam("most"))
_ONE = _LINES.where(_posts.id == bindparam("id"))
_WHO = (
    select(*_AUTHOR)
    .join(Host.__table__, _hosts.id == _actors.host_id, isouter=True)
    .where(_actors.id == bindparam("id"))
)


def lines_of(session: Session, root_id: int, most: int) -> tuple[list[Line], dict[int, Author]]:
    """The thread's posts in the order in which they came here, at most so many; who wrote them."""
    rows = session.execute(_THREAD, {"root": root_id, "most": most}).all()
    return _read(rows)


def line(session: Session, post_id: int) -> tuple[list[Line], dict[int, Author]]:
    """One post by its row id, if it is there, and who wrote it."""
    return _read(session.execute(_ONE, {"id": post_id}).all())


def author(session: Session, actor_id: int) -> Author:
    """A person or a community by its row id. Raises NoResultFound."""
    return Author(*session.execute(_WHO, {"id": actor_id}).one())


def _read(rows: Sequence[Row[Any]]) -> tuple[list[Line], dict[int, Author]]:
    lines = [Line(*row[:_WROTE]) for row in rows]
    who = {row[_WROTE]: row for row in rows}
    return lines, {id_: Author(*row[_WROTE:]) for id_, row in who.items()}
