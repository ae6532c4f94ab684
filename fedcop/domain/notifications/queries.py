"""What waits for a person, newest first; marking it as seen."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification with who caused it, by which post, in which discussion."""

    notification: Notification
    actor: Actor
    post: Post
    root: Post
    community: Actor


def unread(session: Session, account_id: int) -> int:
    """How many have not been seen."""
    query = select(func.count()).select_from(Notification)
    query = query.where(Notification.account_id == account_id, Notification.read_at.is_(None))
    return session.scalar(query) or 0


def notices(session: Session, account_id: int, cursor: Cursor) -> Page[Notice]:
    """One page of them."""
    query = select(Notification).where(
        Notification.account_id == account_id, Notification.post_id.is_not(None)
    )
    found = page(session, query, Notification.id, cursor, lambda row: row.id)
    posts = _by_id(session, {row.post_id for row in found.items if row.post_id is not None})
    roots = _by_id(session, {post.root_id for post in posts.values()})
    people = {row.actor_id for row in found.items} | {p.community_id for p in posts.values()}
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(people)))}

    def notice(row: Notification) -> Notice:
        post = posts[row.post_id or 0]
        return Notice(
            row, actors[row.actor_id], post, roots[post.root_id], actors[post.community_id]
        )

    return found.of(notice)


def mark_all_read(uow: UnitOfWork, account_id: int) -> None:
    """Everything so far has been seen."""
    seen = update(Notification).where(
        Notification.account_id == account_id, Notification.read_at.is_(None)
    )
    uow.session.execute(seen.values(read_at=uow.now))


def _by_id(session: Session, ids: set[int]) -> dict[int, Post]:
    return {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}
