"""An account ends: what a person has said, where they belong, and whom they follow or block.

A person here goes in steps that each leave nothing half-done: the account closes at once, what they
have said is deleted some posts at a time, and when the last is gone all servers that know them are
told. Their name and row stay, emptied, so that nobody else becomes them.
"""

from collections.abc import Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select

from fedcop.domain.communities.join import leave
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.people.admins import check_not_last
from fedcop.domain.people.facts import DepartureGoesOn, PersonCleared, PersonLeft
from fedcop.domain.people.models import Actor, Block, Follow
from fedcop.domain.people.remote import forget
from fedcop.domain.posts.models import Post, Vote
from fedcop.domain.posts.remove import delete
from fedcop.errors import Conflict, NotAllowed, Sentence
from fedcop.work.unit_of_work import UnitOfWork

AT_ONCE = 50
"""So many posts are deleted in one transaction."""


def depart(uow: UnitOfWork, actor: Actor) -> None:
    """Delete the account of a person here; twice changes nothing.

    Raises Conflict while they are the last steward of an open community of ours, which it names;
    NotAllowed while they are the only administrator.
    """
    if actor.deleted_at is not None:
        return
    check_may_depart(uow.session, actor)
    check_not_last(uow.session, actor.id)
    actor.deleted_at = uow.now
    actor.display_name = actor.summary_html = ""
    actor.summary_source = None
    actor.also_known_as = []
    uow.emit(PersonLeft(actor.id))
    go_on(uow, actor)


def go_on(uow: UnitOfWork, actor: Actor) -> None:
    """Delete the next posts of somebody who left; after the last, end whatever else there is."""
    if actor.deleted_at is None or not actor.is_local:
        return
    posts = _standing_posts(actor).limit(AT_ONCE)
    found = uow.session.scalars(posts).all()
    for post in found:
        uow.know(post)
        delete(uow, post, actor)
    if len(found) == AT_ONCE:
        uow.emit(DepartureGoesOn(actor.id))
        return
    uow.emit(PersonCleared(actor.id))
    uow.answer()  # those who are to hear of it are found by what is ended now
    _end_ties(uow, actor)


def depart_elsewhere(uow: UnitOfWork, actor: Actor) -> None:
    """The account of a remote actor is gone, and so is what they have said."""
    for post in uow.session.scalars(_standing_posts(actor)).all():
        delete(uow, post, actor)
    vanish(uow, actor)


def vanish(uow: UnitOfWork, actor: Actor) -> None:
    """A remote actor is gone, as their host answers; nobody has taken back what they said.

    They belong nowhere any more, follow nobody, and are told nothing.
    """
    _end_ties(uow, actor)
    forget(uow, actor)


def check_may_depart(session: Session, actor: Actor) -> None:
    """Raise Conflict, which names the communities that would be left without a steward."""
    if not actor.is_local or actor.type != "Person":
        raise NotAllowed("Only the account of a person of this server can be deleted here.")
    last = last_steward_of(session, actor.id)
    if last:
        names = ", ".join(community.title for community in last)
        raise Conflict(
            Sentence(
                "Nobody else looks after {names}. Make another member a steward there, or close "
                "it, before this account is deleted.",
                names=names,
            )
        )


def last_steward_of(session: Session, actor_id: int) -> Sequence[Actor]:
    """The open communities of ours that nobody but this person looks after."""
    other = aliased(Membership)
    others = select(other.actor_id).where(
        other.community_id == Community.actor_id,
        other.role == Role.STEWARD,
        other.standing == Standing.ACTIVE,
        other.actor_id != actor_id,
    )
    query = (
        select(Actor)
        .join(Community, Community.actor_id == Actor.id)
        .join(Membership, Membership.community_id == Community.actor_id)
        .where(Membership.actor_id == actor_id, Membership.role == Role.STEWARD)
        .where(Membership.standing == Standing.ACTIVE)
        .where(Community.local, Community.closed_at.is_(None), ~others.exists())
        .order_by(Actor.display_name)
    )
    return session.scalars(query).all()


def count_posts(session: Session, actor_id: int) -> int:
    """How many posts of theirs would be deleted."""
    query = select(func.count()).where(Post.author_id == actor_id, Post.deleted_at.is_(None))
    return session.scalar(query) or 0


def _standing_posts(actor: Actor) -> Select[Post]:
    """What they have said and not deleted: replies before what they answer."""
    query = select(Post).where(Post.author_id == actor.id, Post.deleted_at.is_(None))
    return query.order_by(Post.id.desc())


def _end_ties(uow: UnitOfWork, actor: Actor) -> None:
    memberships = select(Membership).where(Membership.actor_id == actor.id)
    for membership in uow.session.scalars(memberships).all():
        membership.role = Role.MEMBER  # nobody can be kept, not even a last steward
        leave(uow, uow.get(Community, membership.community_id), actor)
    uow.write()
    for table, one, other in (
        (Follow, Follow.follower_id, Follow.target_id),
        (Block, Block.blocker_id, Block.target_id),
    ):
        theirs = or_(one == actor.id, other == actor.id)
        uow.session.execute(sql_delete(table).where(theirs))
    # what they voted is counted in the posts, and stays so; that it was theirs is forgotten
    uow.session.execute(sql_delete(Vote).where(Vote.actor_id == actor.id))
