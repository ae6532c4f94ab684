"""Followers of a person here: the servers that are told what that person says."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import BigInteger, Table, bindparam, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.models import Actor, Follow, FollowStanding
from fedcop.domain.posts.models import KnownAt, Post
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.publish import tell
from fedcop.work.unit_of_work import UnitOfWork


def tell_followers(
    uow: UnitOfWork, said: Activity, post: Post, community: Actor, *, follow_up: bool
) -> bool:
    """Let the servers of the author's followers hear of a post; True if micro-blogs are among them.

    From then on they know the post, and hear of its edits and its end (`follow_up`), which for
    micro-blog software is the caller's affair, together with all others who know it. Forum software
    is told here, and only where it does not hear everything from the community anyway.
    """
    if follow_up:
        if _known_to_forums(uow, post):
            tell(uow, said, post_id=post.id, dialect=Dialect.FORUM)
        return False
    dialects = _dialects(uow, post.author_id)
    if not dialects:
        return False
    on_postgres = uow.session.get_bind().dialect.name == "postgresql"
    row = {"post": post.id, "author": post.author_id, "community": community.id}
    row["home"] = community.host_id or 0
    uow.once(_KNOWN_ON_POSTGRES if on_postgres else _KNOWN_ON_SQLITE, row)
    if dialects - {Dialect.MICROBLOG}:
        tell(uow, said, post_id=post.id, dialect=Dialect.FORUM)
    return bool(dialects - {Dialect.FORUM})


def followers_of(uow: UnitOfWork, person_id: int) -> Sequence[Actor]:
    """One follower for each address at which people elsewhere follow this person."""
    one_each = (
        select(func.min(Actor.id))
        .join(Follow, Follow.follower_id == Actor.id)
        .where(Follow.target_id == person_id, Follow.standing == FollowStanding.ACTIVE)
        .where(Actor.delivery_inbox_id.is_not(None))
        .group_by(Actor.delivery_inbox_id)
    )
    return uow.session.scalars(select(Actor).where(Actor.id.in_(one_each))).all()


def _dialects(uow: UnitOfWork, author_id: int) -> set[str | None]:
    """How the servers of a person's followers are spoken to; None: not known yet."""
    query = (
        select(Host.dialect)
        .join(Actor, Actor.host_id == Host.id)
        .join(Follow, Follow.follower_id == Actor.id)
        .where(Follow.target_id == author_id, Follow.standing == FollowStanding.ACTIVE)
        .distinct()
    )
    return set(uow.session.scalars(query))


def _known_to_forums(uow: UnitOfWork, post: Post) -> bool:
    query = select(KnownAt.host_id).join(Host, Host.id == KnownAt.host_id)
    query = query.where(KnownAt.post_id == post.id, Host.dialect == Dialect.FORUM)
    return uow.session.scalar(query.limit(1)) is not None


def _known_to_followers(on: Any) -> Executable:
    """Every address at which a follower reads, but forums that hear of it from the community."""
    community = bindparam("community", type_=BigInteger)
    listens = exists().where(Audience.community_id == community, Audience.host_id == Host.id)
    hears = listens | (Host.id == bindparam("home", type_=BigInteger))
    where = (
        select(bindparam("post", type_=BigInteger), Actor.delivery_inbox_id, Host.id)
        .join(Follow, Follow.follower_id == Actor.id)
        .join(Host, Host.id == Actor.host_id)
        .where(Follow.target_id == bindparam("author", type_=BigInteger))
        .where(Follow.standing == FollowStanding.ACTIVE, Actor.deleted_at.is_(None))
        .where(Actor.delivery_inbox_id.is_not(None))
        .where(or_(Host.dialect.is_(None), Host.dialect != Dialect.FORUM, ~hears))
        .distinct()
    )
    into = on(cast("Table", KnownAt.__table__))
    return into.from_select(["post_id", "inbox_id", "host_id"], where).on_conflict_do_nothing()


_KNOWN_ON_SQLITE = _known_to_followers(sqlite.insert)
_KNOWN_ON_POSTGRES = _known_to_followers(postgresql.insert)
