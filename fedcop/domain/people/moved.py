"""A person elsewhere has another account: whoever here listened to the old one follows the new."""

from collections.abc import Sequence

from sqlalchemy import select

from fedcop.domain.people.apart import is_blocked
from fedcop.domain.people.block import block
from fedcop.domain.people.facts import PersonMoved
from fedcop.domain.people.follow import follow, unfollow
from fedcop.domain.people.models import Actor, Block, Follow
from fedcop.errors import NotTheirs
from fedcop.work.unit_of_work import UnitOfWork


def move(uow: UnitOfWork, old: Actor, new: Actor) -> bool:
    """Let followers and blocks of people here go from `old` to `new`; False if nothing changed.

    Raises NotTheirs unless `new` lists `old` in alsoKnownAs: nobody else's followers can be taken,
    nor given away (FEP-7628, Mastodon's Move).
    """
    if old.uri not in new.also_known_as or new.id == old.id:
        raise NotTheirs(f"{new.uri} does not say that it is {old.uri}, too (alsoKnownAs).")
    told = old.moved_to_uri == new.uri
    old.moved_to_uri = new.uri
    followers, blockers = _followers_here(uow, old), _blockers_here(uow, old, new)
    for person in followers:
        if person.id != new.id and not is_blocked(uow.session, person.id, new.id):
            follow(uow, person, new)
        unfollow(uow, person, old)
    for person in blockers:
        block(uow, person, new)
    if told and not followers and not blockers:
        return False
    uow.emit(PersonMoved(old.id, new.id))
    return True


def _followers_here(uow: UnitOfWork, old: Actor) -> Sequence[Actor]:
    query = (
        select(Actor)
        .join(Follow, Follow.follower_id == Actor.id)
        .where(Follow.target_id == old.id, Actor.host_id.is_(None))
        .order_by(Actor.id)
    )
    return uow.session.scalars(query).all()


def _blockers_here(uow: UnitOfWork, old: Actor, new: Actor) -> Sequence[Actor]:
    """Who blocks the old account, and neither blocks nor is the new one."""
    already = select(Block.blocker_id).where(Block.target_id == new.id)
    query = (
        select(Actor)
        .join(Block, Block.blocker_id == Actor.id)
        .where(Block.target_id == old.id, Actor.host_id.is_(None), Actor.id != new.id)
        .where(Actor.id.not_in(already))
        .order_by(Actor.id)
    )
    return uow.session.scalars(query).all()
