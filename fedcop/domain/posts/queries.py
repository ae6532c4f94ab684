"""Posts to be read: by URI, by id, the discussions of a community, of a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Kind, Post
from fedcop.domain.posts.visible import starters


class Order(StrEnum):
    """In which order discussions are listed; never by an algorithm."""

    NEW = "new"
    ACTIVE = "active"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Row:
    """A discussion as a list shows it."""

    post: Post
    author: Actor
    community: Actor


def by_uri(session: Session, uri: str) -> Post | None:
    """The post with this id, local or remote."""
    return session.scalar(select(Post).where(Post.uri == uri))


def by_uris(session: Session, uris: Collection[str]) -> Sequence[Post]:
    """Those of these posts that we know."""
    return session.scalars(select(Post).where(Post.uri.in_(uris))).all() if uris else []


def by_id(session: Session, row_id: int) -> Post | None:
    """The post with this row id."""
    return session.get(Post, row_id)


def place_of(session: Session, row_id: int) -> tuple[int, int] | None:
    """The ids of the starter above a post and of its community."""
    query = select(Post.root_id, Post.community_id).where(Post.id == row_id)
    row = session.execute(query).one_or_none()
    return (row.root_id, row.community_id) if row is not None else None


def has_said(session: Session, root_id: int, author_id: int, source: str) -> bool:
    """Whether somebody of ours has said just this in a thread."""
    said = select(Post.id).where(Post.root_id == root_id, Post.author_id == author_id)
    return session.scalar(said.where(Post.source == source).limit(1)) is not None


def _starters() -> Select[Post]:
    return select(Post).where(
        Post.parent_id.is_(None),
        Post.kind != Kind.REPLY,
        Post.confirmed,
        Post.deleted_at.is_(None),
        Post.removed_at.is_(None),
        ~is_hidden(Post.author_id),
        ~is_hidden(Post.community_id),
    )


def discussions(
    session: Session, cursor: Cursor, community_id: int | None = None, order: Order = Order.NEW
) -> Page[Row]:
    """The discussions of a community, or of all communities that are known here."""
    query = _starters()
    if community_id is not None:
        query = query.where(Post.community_id == community_id)
    return _page(session, query, cursor, order)


def by_author(session: Session, actor_id: int, cursor: Cursor) -> Page[Row]:
    """The discussions that a person has started."""
    return _page(session, _starters().where(Post.author_id == actor_id), cursor, Order.NEW)


def titled(session: Session, text: str, cursor: Cursor) -> Page[Row]:
    """Discussions whose title contains this text, whatever the case."""
    pattern = text.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    match = func.lower(Post.title).like(f"%{pattern}%", escape="\\")
    return _page(session, _starters().where(match), cursor, Order.NEW)


def chronicle(session: Session, community_id: int) -> dict[tuple[str, datetime], int]:
    """All that is said in a community's discussions, by its author's URI and its whole second."""
    start, said = aliased(Post), aliased(Post)
    query = (
        select(said.id, said.published_at, Actor.uri)
        .select_from(start)
        .join(said, said.root_id == start.id)
        .join(Actor, Actor.id == said.author_id)
        .where(start.community_id == community_id, *starters(start))
    )
    rows = sorted(session.execute(query), key=lambda row: row.id)
    return {(row.uri, row.published_at.replace(microsecond=0)): row.id for row in rows}


def count(session: Session, *, local: bool, replies: bool) -> int:
    """How many posts there are: ours or all, starters or replies."""
    query = select(func.count()).select_from(Post).where(Post.deleted_at.is_(None))
    query = query.where(Post.kind == (Kind.REPLY if replies else Kind.DISCUSSION))
    return session.scalar(query.where(Post.local) if local else query) or 0


def _page(session: Session, query: Select[Post], cursor: Cursor, order: Order) -> Page[Row]:
    if order is Order.UNANSWERED:
        query = query.where(Post.thread_count == 0)
    if order is Order.ACTIVE:
        found = _most_active(session, query, cursor)
    else:
        found = page(session, query, Post.id, cursor, lambda post: post.id)
    return Page(_rows(session, found.items), found.older, found.newer)


def _most_active(session: Session, query: Select[Post], cursor: Cursor) -> Page[Post]:
    """Keyset along (active_at, id); the cursor's id names the last discussion that was seen."""
    edge = session.get(Post, cursor.before) if cursor.before is not None else None
    if edge is not None:
        older = Post.active_at < edge.active_at
        query = query.where(older | ((Post.active_at == edge.active_at) & (Post.id < edge.id)))
    ordered = query.order_by(Post.active_at.desc(), Post.id.desc()).limit(cursor.limit + 1)
    found = session.scalars(ordered).all()
    items = found[: cursor.limit]
    return Page(items, items[-1].id if len(found) > cursor.limit else None, None)


def _rows(session: Session, posts: Sequence[Post]) -> list[Row]:
    if not posts:
        return []
    author, community = aliased(Actor), aliased(Actor)
    query = (
        select(Post.id, author, community)
        .join(author, author.id == Post.author_id)
        .join(community, community.id == Post.community_id)
        .where(Post.id.in_([post.id for post in posts]))
    )
    people = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    return [Row(post, *people[post.id]) for post in posts]
