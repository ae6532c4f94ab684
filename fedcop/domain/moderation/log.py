"""The log of what stewards and admins did: written once, never changed, read by members."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.moderation.models import Deed
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork


class Deeds(StrEnum):
    """What can be done; other servers' names and settings stand in `subject`."""

    REMOVED = "removed"
    RESTORED = "restored"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    APPOINTED = "appointed"
    DISMISSED = "dismissed"
    BANNED = "banned"
    LIFTED = "ban lifted"
    APPROVED = "approved"
    REFUSED = "refused"
    CLOSED = "closed"
    REOPENED = "reopened"
    RESOLVED = "report resolved"
    RESUMED = "report reopened"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    BLOCKED_HOST = "blocked host"
    LIMITED_HOST = "limited host"
    ALLOWED_HOST = "allowed host"


FOR_STEWARDS = frozenset({Deeds.RESOLVED, Deeds.RESUMED, Deeds.REFUSED})
"""What members do not read: it would tell of reports, and of people who never belonged."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log with those whom it names; `root` is the discussion of the post."""

    deed: Deed
    by: Actor | None
    actor: Actor | None
    post: Post | None
    root: Post | None


def write(
    uow: UnitOfWork,
    deed: str,
    *,
    community_id: int | None = None,
    by_id: int | None = None,
    actor_id: int | None = None,
    post_id: int | None = None,
    subject: str = "",
    reason: str = "",
) -> Deed:
    """Add a line. Without a community it concerns the whole server.

    `by_id` is None for the command line, and for another server's word.
    """
    row = Deed(
        deed=str(deed),
        done_at=uow.now,
        community_id=community_id,
        by_id=by_id,
        actor_id=actor_id,
        post_id=post_id,
        subject=subject,
        reason=reason,
    )
    uow.add(row)
    return row


def of_community(
    session: Session, community_id: int, cursor: Cursor, *, for_stewards: bool
) -> Page[Line]:
    """What was done in a community, newest first; members do not read of reports."""
    query = select(Deed).where(Deed.community_id == community_id)
    if not for_stewards:
        query = query.where(Deed.deed.not_in(FOR_STEWARDS))
    found = page(session, query, Deed.id, cursor, lambda row: row.id)
    return Page(_lines(session, found.items), found.older, found.newer)


def of_server(session: Session, cursor: Cursor) -> Page[Line]:
    """What was done to the whole server and with its people, newest first."""
    query = select(Deed).where(Deed.community_id.is_(None))
    found = page(session, query, Deed.id, cursor, lambda row: row.id)
    return Page(_lines(session, found.items), found.older, found.newer)


def about(session: Session, actor_id: int, community_id: int | None) -> Sequence[Line]:
    """What was done to a person, or to what they wrote: in a community, or (None) anywhere."""
    written = select(Post.id).where(Post.author_id == actor_id)
    query = select(Deed).where((Deed.actor_id == actor_id) | Deed.post_id.in_(written))
    if community_id is not None:
        query = query.where(Deed.community_id == community_id)
    return _lines(session, session.scalars(query.order_by(Deed.id.desc()).limit(20)).all())


def _lines(session: Session, rows: Sequence[Deed]) -> list[Line]:
    people = {row_id for row in rows for row_id in (row.by_id, row.actor_id) if row_id}
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(people)))}
    posts = _posts(session, {row.post_id for row in rows if row.post_id})
    posts |= _posts(session, {post.root_id for post in posts.values()} - posts.keys())

    def line(row: Deed) -> Line:
        post = posts.get(row.post_id or 0)
        return Line(
            row,
            actors.get(row.by_id or 0),
            actors.get(row.actor_id or 0),
            post,
            posts.get(post.root_id) if post else None,
        )

    return [line(row) for row in rows]


def _posts(session: Session, ids: set[int]) -> dict[int, Post]:
    if not ids:
        return {}
    return {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}
