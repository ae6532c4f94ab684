"""What happens to posts, and whom it concerns: who is answered or named, and their authors."""

from fedcop.domain.communities.banned import in_force
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.notifications.send import send
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import (
    PostLocked,
    PostPublished,
    PostRemoved,
    PostRestored,
    PostUnlocked,
)
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork


def notify_published(uow: UnitOfWork, fact: PostPublished) -> None:
    """Tell whoever is answered or named, once, and never about what they wrote themselves.

    Who has muted the discussion still hears of it when they are named.
    """
    post = uow.get(Post, fact.post_id)
    reasons = dict.fromkeys(fact.mentioned, Reason.MENTION)
    if post.parent_id is not None:  # whom Mastodon names, too, in each reply
        reasons[uow.get(Post, post.parent_id).author_id] = Reason.REPLY
    for actor_id, reason in reasons.items():
        if actor_id == post.author_id or not uow.get(Actor, actor_id).is_local:
            continue
        quiet_in = post.root_id if reason is Reason.REPLY else None
        send(uow, [actor_id], reason, post.author_id, post_id=post.id, root_id=quiet_in)


def notify_removed(uow: UnitOfWork, fact: PostRemoved) -> None:
    """Its author hears that the stewards took it out, and why.

    Not of each post, where all of theirs go with a ban: of the ban they hear.
    """
    post = uow.get(Post, fact.post_id)
    ban = in_force(uow, post.community_id, post.author_id)
    if ban is not None and ban.banned_at == uow.now:
        return
    _tell_author(uow, fact.post_id, fact.by_id, Reason.REMOVED, fact.reason)


def notify_restored(uow: UnitOfWork, fact: PostRestored) -> None:
    """Its author hears that it stands again."""
    _tell_author(uow, fact.post_id, fact.by_id, Reason.RESTORED)


def notify_locked(uow: UnitOfWork, fact: PostLocked) -> None:
    """Its author hears that nobody can reply any more, and why."""
    _tell_author(uow, fact.post_id, fact.by_id, Reason.LOCKED, fact.reason)


def notify_unlocked(uow: UnitOfWork, fact: PostUnlocked) -> None:
    """Its author hears that replies are possible again."""
    _tell_author(uow, fact.post_id, fact.by_id, Reason.UNLOCKED)


def _tell_author(
    uow: UnitOfWork, post_id: int, by_id: int | None, reason: Reason, words: str = ""
) -> None:
    """In the name of the community, not of the one steward: it decides as a whole."""
    post = uow.get(Post, post_id)
    if post.author_id == by_id:
        return
    place = post.community_id
    send(
        uow,
        [post.author_id],
        reason,
        place,
        post_id=post.id,
        community_id=place,
        words=words,
        always=True,
    )
