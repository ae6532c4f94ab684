"""A person does not want to hear of a discussion any more, or does again."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.notifications.models import Mute, Notification
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork


def mute(uow: UnitOfWork, account_id: int, root: Post) -> None:
    """Replies in it make no notice from now on, and those that wait are seen. Twice is once.

    Being named still makes one.
    """
    if not is_muted(uow.session, account_id, root.id):
        uow.add(Mute(account_id=account_id, root_id=root.id, muted_at=uow.now))
    there = select(Post.id).where(Post.root_id == root.id)
    waits = update(Notification).where(
        Notification.account_id == account_id,
        Notification.read_at.is_(None),
        Notification.reason == Reason.REPLY,
        Notification.post_id.in_(there),
    )
    uow.session.execute(waits.values(read_at=uow.now).execution_options(synchronize_session=False))


def unmute(uow: UnitOfWork, account_id: int, root_id: int) -> None:
    """They hear of it again."""
    uow.session.execute(delete(Mute).where(Mute.account_id == account_id, Mute.root_id == root_id))


def is_muted(session: Session, account_id: int, root_id: int) -> bool:
    """Whether this person does not hear of the discussion."""
    return session.get(Mute, (account_id, root_id)) is not None


def muted(session: Session, account_id: int, cursor: Cursor) -> Page[tuple[Post, Actor]]:
    """The discussions of which they do not hear, each with its community, newest first."""
    query = select(Post).join(Mute, Mute.root_id == Post.id).where(Mute.account_id == account_id)
    found = page(session, query, Post.id, cursor, lambda post: post.id)
    ids = {post.community_id for post in found.items}
    places = {actor.id: actor for actor in session.scalars(select(Actor).where(Actor.id.in_(ids)))}
    return found.of(lambda post: (post, places[post.community_id]))
