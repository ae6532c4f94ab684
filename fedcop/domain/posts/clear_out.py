"""What a banned person said in a community goes with them, where the stewards want it so."""

from sqlalchemy import select

from fedcop.domain.communities.facts import MemberBanned
from fedcop.domain.communities.models import Ban, Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove
from fedcop.work.unit_of_work import UnitOfWork


def clear_out(uow: UnitOfWork, fact: MemberBanned) -> None:
    """Take out everything of theirs in the community, for the reason of the ban.

    In a community elsewhere it is that community's decision, whoever of ours has told it.
    """
    if not fact.with_posts:
        return
    community, ban = uow.get(Community, fact.community_id), uow.get(Ban, fact.ban_id)
    by = uow.get(Actor, fact.by_id) if fact.by_id is not None and community.local else None
    standing = select(Post).where(
        Post.author_id == fact.actor_id,
        Post.community_id == fact.community_id,
        Post.deleted_at.is_(None),
        Post.removed_at.is_(None),
    )
    for post in uow.session.scalars(standing.order_by(Post.id)).all():
        uow.know(post)
        remove(uow, post, by, ban.reason)
