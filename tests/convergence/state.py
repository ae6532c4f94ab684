"""What a server holds of a post and of what hangs on it, without row ids and moments of its own.

What its author deleted counts as never seen. Left out: revisions (an edit that was overtaken was
never shown here), the reason of a removal (kept only if the post was here by then), and when
something came.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Attachment, KnownAt, Mention, Post, ReportedVote, Vote

State = dict[str, Any]


def counters(session: Session, community_id: int) -> tuple[int, int]:
    """How many members and discussions a community says it has."""
    community = session.get_one(Community, community_id)
    return community.members_count, community.threads_count


def held(session: Session, uris: list[str], community_id: int, people: list[str]) -> State:
    """The posts of these URIs with all that hangs on them, and which of these people are members.

    The URIs and people are named by their places in the lists.
    """
    names = {uri: number for number, uri in enumerate(uris)}
    posts = session.scalars(select(Post).where(Post.uri.in_(uris))).all()
    members = session.execute(
        select(Actor.uri, Membership.role, Membership.standing)
        .join(Membership, Membership.actor_id == Actor.id)
        .where(Membership.community_id == community_id, Actor.uri.in_(people))
    )
    return {
        "posts": {
            names[post.uri]: _post(session, post) for post in posts if post.deleted_at is None
        },
        "members": sorted((people.index(row[0]), *row[1:]) for row in members),
    }


def _post(session: Session, post: Post) -> State:
    parent = None if post.parent_id is None else session.get_one(Post, post.parent_id)
    author = session.get_one(Actor, post.author_id)
    shown = {
        "type": post.type,
        "kind": post.kind,
        "author": author.name,
        "depends on": parent is not None,
        "title": post.title,
        "html": post.html,
        "published": post.published_at,
        "edited": post.edited_at,
        "removed": post.removed_at is not None,
        "locked": post.locked_at is not None,
        "pinned": post.pinned_at is not None,
        "confirmed": post.confirmed,
        "replies": (post.reply_count, post.thread_count),
        "likes": (post.likes, post.reported_likes),
        "dislikes": (post.dislikes, post.reported_dislikes),
    }
    return shown | _beside(session, post)


def _beside(session: Session, post: Post) -> State:
    """The rows of other tables that name the post."""
    votes = session.execute(
        select(Actor.name, Vote.value)
        .join(Vote, Vote.actor_id == Actor.id)
        .where(Vote.post_id == post.id, Vote.value != 0)
    )
    told = session.execute(
        select(Notification.account_id, Notification.reason, Actor.name, Notification.words)
        .join(Actor, Actor.id == Notification.actor_id)
        .where(Notification.post_id == post.id)
    )
    hashed = select(ReportedVote.value).where(
        ReportedVote.post_id == post.id, ReportedVote.value != 0
    )
    return {
        "votes": sorted(map(tuple, votes)),
        "reported": sorted(session.scalars(hashed)),
        "told": sorted(map(tuple, told)),
        "mentions": len(session.scalars(select(Mention).where(Mention.post_id == post.id)).all()),
        "attached": len(
            session.scalars(select(Attachment).where(Attachment.post_id == post.id)).all()
        ),
        "known at": len(session.scalars(select(KnownAt).where(KnownAt.post_id == post.id)).all()),
    }
