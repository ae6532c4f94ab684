"""The stewards of a community that decides answer who asks to write in it."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.communities.facts import MemberApproved, MemberRefused
from fedcop.domain.communities.join import end_membership
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.errors import NotAllowed, NotFound
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_REASON = 1000


def approve(uow: UnitOfWork, community: Community, actor: Actor, by: Actor) -> None:
    """From now on they may write. Twice changes nothing.

    Raises NotAllowed for who is no steward, NotFound for somebody who is no member.
    """
    membership = _membership(uow, community, actor, by)
    if not membership.approved:
        membership.approved = True
        uow.emit(MemberApproved(community.actor_id, actor.id, by.id))


def refuse(
    uow: UnitOfWork, community: Community, actor: Actor, by: Actor, reason: str = ""
) -> None:
    """They do not belong any more, waiting or not; their server hears it, and they hear why.

    They may ask again: a ban is what keeps somebody away. Raises NotAllowed for who is no steward,
    and of a steward; NotFound for somebody who is no member.
    """
    membership = _membership(uow, community, actor, by)
    if membership.role == Role.STEWARD:
        raise NotAllowed("A steward cannot be sent away. Let them be a member first.")
    follow_uri = membership.follow_uri
    end_membership(uow, community, actor, membership)
    why = " ".join(reason.split())[:LONGEST_REASON]
    uow.emit(MemberRefused(community.actor_id, actor.id, by.id, follow_uri, why))


def waiting(session: Session, community_id: int, cursor: Cursor) -> Page[tuple[Membership, Actor]]:
    """Who asks to write in a community of ours, with what they said, newest first."""
    query = (
        select(Actor).join(Membership, Membership.actor_id == Actor.id).where(*_waits(community_id))
    )
    found = page(session, query, Actor.id, cursor, lambda actor: actor.id)
    ids = [actor.id for actor in found.items]
    rows = session.scalars(
        select(Membership).where(
            Membership.community_id == community_id, Membership.actor_id.in_(ids)
        )
    )
    memberships = {row.actor_id: row for row in rows}
    return found.of(lambda actor: (memberships[actor.id], actor))


def _waits(community_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Membership.community_id == community_id,
        Membership.standing == Standing.ACTIVE,
        Membership.role != Role.STEWARD,
        Membership.approved.is_(False),
    )


def count_waiting(session: Session, community_id: int) -> int:
    """How many ask to write there."""
    query = select(func.count()).select_from(Membership).where(*_waits(community_id))
    return session.scalar(query) or 0


def _membership(uow: UnitOfWork, community: Community, actor: Actor, by: Actor) -> Membership:
    check_is_steward(uow.session, community.actor_id, by.id)
    membership = uow.look_up(Membership, (community.actor_id, actor.id))
    if membership is None or not community.local or membership.standing != Standing.ACTIVE:
        raise NotFound("They do not belong to this community, or no longer ask to.")
    return membership
