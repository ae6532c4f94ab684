"""The addresses where a community of ours is read: kept by who joins, leaves and moves."""

from sqlalchemy import delete, select

from fedcop.domain.communities.models import Audience, Community, Membership, Standing
from fedcop.domain.network.models import RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.work.unit_of_work import UnitOfWork


def widen(uow: UnitOfWork, community: Community, actor: Actor) -> None:
    """Whatever the community says is from now on also brought to where this actor reads."""
    inbox_id = actor.delivery_inbox_id
    if inbox_id is None:
        return
    key = (community.actor_id, inbox_id)
    if uow.look_up(Audience, key) is not None:
        return
    address = uow.get(RemoteInbox, inbox_id)
    audience = Audience(community_id=key[0], inbox_id=inbox_id, host_id=address.host_id)
    uow.add(audience)
    uow.remember(key, audience)


def narrow(uow: UnitOfWork, community: Community, inbox_id: int | None) -> None:
    """Forget the address if nobody of the community reads there any more."""
    readers = (
        select(Membership.actor_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .where(
            Membership.community_id == community.actor_id,
            Membership.standing == Standing.ACTIVE,
            Actor.delivery_inbox_id == inbox_id,
        )
        .limit(1)
    )
    if inbox_id is not None and uow.session.scalar(readers) is None:
        gone = delete(Audience).where(
            Audience.community_id == community.actor_id, Audience.inbox_id == inbox_id
        )
        uow.session.execute(gone)
        uow.forget(Audience, (community.actor_id, inbox_id))


def move(uow: UnitOfWork, actor: Actor, from_inbox_id: int) -> None:
    """An actor reads at another address than before: what they belong to here is brought there."""
    uow.write()
    theirs = (
        select(Community)
        .join(Membership, Membership.community_id == Community.actor_id)
        .where(
            Membership.actor_id == actor.id,
            Membership.standing == Standing.ACTIVE,
            Community.local,
        )
    )
    for community in uow.session.scalars(theirs).all():
        widen(uow, community, actor)
        narrow(uow, community, from_inbox_id)
