"""Roles in a community, and what each may do: the one place."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.errors import NotAllowed


def role_of(session: Session, community_id: int, actor_id: int) -> Role | None:
    """The role of a member; None for anybody else, and while a membership is only asked for."""
    membership = session.get(Membership, (community_id, actor_id))
    if membership is None or membership.standing != Standing.ACTIVE:
        return None
    return Role(membership.role)


def is_steward(session: Session, community_id: int, actor_id: int) -> bool:
    """Whether this actor looks after the community now."""
    return role_of(session, community_id, actor_id) is Role.STEWARD


def check_may_start(session: Session, community: Community, actor_id: int, *, here: bool) -> None:
    """Raise NotAllowed unless this actor may start a discussion.

    A person of this server joins first, so that the answers reach them. Somebody of another server
    may write to an open community by naming it, as micro-blog people do.
    """
    role = role_of(session, community.actor_id, actor_id)
    if community.stewards_only and role is not Role.STEWARD:
        raise NotAllowed("In this community only stewards start discussions; you can reply.")
    if here and role is None:
        raise NotAllowed("Join the community first; then you can start a discussion.")


def check_may_reply(session: Session, community: Community, actor_id: int, *, here: bool) -> None:
    """Raise NotAllowed unless this actor may reply here."""
    if here and role_of(session, community.actor_id, actor_id) is None:
        raise NotAllowed("Join the community first; then you can reply.")


def check_is_steward(session: Session, community_id: int, actor_id: int) -> None:
    """Raise NotAllowed unless this actor is a steward of the community."""
    if not is_steward(session, community_id, actor_id):
        raise NotAllowed("Only a steward of this community can do that.")


def check_may_leave(session: Session, membership: Membership) -> None:
    """Raise NotAllowed if the community would be left without a steward."""
    if membership.role != Role.STEWARD:
        return
    stewards = (
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.community_id == membership.community_id,
            Membership.role == Role.STEWARD,
            Membership.standing == Standing.ACTIVE,
        )
    )
    if (session.scalar(stewards) or 0) <= 1:
        raise NotAllowed("You are the last steward. Make another member one before you leave.")
