"""What a thread reads of its posts, and of who wrote them: the columns that are shown, no more.

A long discussion is hundreds of rows, and a whole `Post` has twice as many columns as a page shows.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


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
)
_AUTHOR = (
    *(_actors[field.name] for field in fields(Author) if field.name in _actors),
    _hosts.blocked,
)


def lines_of(session: Session, root_id: int, most: int) -> list[Line]:
    """The thread's posts in the order in which they came here, at most so many."""
    query = select(*_LINE).where(_posts.root_id == root_id).order_by(_posts.id).limit(most)
    return [Line(*row) for row in session.execute(query)]


def line(session: Session, post_id: int) -> Line | None:
    """One post by its row id."""
    row = session.execute(select(*_LINE).where(_posts.id == post_id)).one_or_none()
    return Line(*row) if row is not None else None


def authors(session: Session, ids: Collection[int]) -> dict[int, Author]:
    """These people and communities, by their row ids."""
    query = select(*_AUTHOR).join(Host.__table__, _hosts.id == _actors.host_id, isouter=True)
    rows = session.execute(query.where(_actors.id.in_(ids)))
    return {row[0]: Author(*row) for row in rows}
