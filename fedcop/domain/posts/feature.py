"""Stewards pin a discussion to the top of its community, and lock what is not to go on."""

from collections.abc import Collection

from sqlalchemy import select

from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostLocked, PostPinned, PostUnlocked, PostUnpinned
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.policy import check_is_there
from fedcop.errors import Invalid, Sentence
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_REASON = 1_000


def pin(uow: UnitOfWork, post: Post, by: Actor | None) -> bool:
    """Let a discussion stand first in its community; False if it does already.

    `by` is a steward of the community; None, if only the community's own host says so. Raises
    NotAllowed for somebody who is no steward, Gone, and Invalid for a reply.
    """
    _check(uow, post, by)
    check_is_there(post)
    if not post.is_starter:
        raise Invalid(Sentence("Only a whole discussion can be pinned, not one of its replies."))
    if post.pinned_at is not None:
        return False
    post.pinned_at = uow.now
    uow.emit(PostPinned(post.id, by.id if by else None))
    return True


def unpin(uow: UnitOfWork, post: Post, by: Actor | None) -> bool:
    """Let it stand where it belongs by its time; as `pin`, also for what is gone."""
    _check(uow, post, by)
    if post.pinned_at is None:
        return False
    post.pinned_at = None
    uow.emit(PostUnpinned(post.id, by.id if by else None))
    return True


def lock(uow: UnitOfWork, post: Post, by: Actor | None, reason: str = "") -> bool:
    """Let nobody reply to it any more, and to a whole discussion nobody anywhere under it.

    `by` as in `pin`. Raises NotAllowed, Gone, and Invalid (field reason).
    """
    _check(uow, post, by)
    check_is_there(post)
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            fields={"reason": Sentence("At most {most} characters.", most=LONGEST_REASON)}
        )
    if post.locked_at is not None:
        return False
    post.locked_at = uow.now
    uow.emit(PostLocked(post.id, by.id if by else None, reason))
    return True


def unlock(uow: UnitOfWork, post: Post, by: Actor | None) -> bool:
    """Let it be replied to again; as `lock`, also for what is gone."""
    _check(uow, post, by)
    if post.locked_at is None:
        return False
    post.locked_at = None
    uow.emit(PostUnlocked(post.id, by.id if by else None))
    return True


def set_pinned(uow: UnitOfWork, community_id: int, uris: Collection[str]) -> None:
    """Pin exactly these of the known discussions of a community elsewhere, as its host lists them.

    Nothing is said of it: it is how things stand there, not something that happens now.
    """
    pinned = select(Post).where(Post.community_id == community_id, Post.pinned_at.is_not(None))
    for post in uow.session.scalars(pinned).all():
        if post.uri not in uris:
            post.pinned_at = None
    listed = select(Post).where(Post.community_id == community_id, Post.uri.in_(uris))
    for post in uow.session.scalars(listed).all():
        if post.is_starter and post.pinned_at is None:
            post.pinned_at = uow.now


def _check(uow: UnitOfWork, post: Post, by: Actor | None) -> None:
    if by is not None:
        check_is_steward(uow.session, post.community_id, by.id)
