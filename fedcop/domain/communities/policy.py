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


def is_approved(session: Session, community_id: int, actor_id: int) -> bool:
    """Whether the stewards let this member write; a steward is."""
    membership = session.get(Membership, (community_id, actor_id))
    if membership is None or membership.standing != Standing.ACTIVE:
        return False
    return membership.approved or membership.role == Role.STEWARD


def check_is_open(community: Community) -> None:
    """Raise NotAllowed in a community of ours that is only read any more."""
    if community.local and community.closed_at is not None:
        raise NotAllowed("This community is closed: it can be read, and nobody writes any more.")


def check_may_take_part(session: Session, community: Community, actor_id: int) -> None:
    """Raise NotAllowed unless this actor may write and vote in a community of ours.

    Nobody may in a closed one; where the stewards decide, only whom they have approved, so that
    somebody elsewhere who merely names the community is not heard. What holds in a community of
    another server is for that server to say.
    """
    check_is_open(community)
    waits = community.local and community.approval
    if waits and not is_approved(session, community.actor_id, actor_id):
        raise NotAllowed("The stewards decide who writes here, and they have not answered yet.")


def check_may_start(session: Session, community: Community, actor_id: int, *, here: bool) -> None:
    """Raise NotAllowed unless this actor may start a discussion.

    A person of this server joins first, so that the answers reach them. Somebody of another server
    may write to an open community by naming it, as micro-blog people do.
    """
    check_is_open(community)
    role = role_of(session, community.actor_id, actor_id)
    if community.stewards_only and role is not Role.STEWARD:
        raise NotAllowed("In this community only stewards start discussions; you can reply.")
    if here and role is None:
        raise NotAllowed("Join the community first; then you can start a discussion.")
    check_may_take_part(session, community, actor_id)


def check_may_reply(session: Session, community: Community, actor_id: int, *, here: bool) -> None:
    """Raise NotAllowed unless this actor may reply here."""
    check_is_open(community)
    if here and role_of(session, community.actor_id, actor_id) is None:
        raise NotAllowed("Join the community first; then you can reply.")
    check_may_take_part(session, community, actor_id)


def check_is_steward(session: Session, community_id: int, actor_id: int) -> None:
    """Raise NotAllowed unless this actor is a steward of the community."""
    if not is_steward(session, community_id, actor_id):
        raise NotAllowed("Only a steward of this community can do that.")


def count_stewards(session: Session, community_id: int) -> int:
    """How many look after a community now."""
    query = (
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.community_id == community_id,
            Membership.role == Role.STEWARD,
            Membership.standing == Standing.ACTIVE,
        )
    )
    return session.scalar(query) or 0


def check_may_leave(session: Session, membership: Membership) -> None:
    """Raise NotAllowed if the community would be left without a steward."""
    if membership.role != Role.STEWARD:
        return
    if count_stewards(session, membership.community_id) <= 1:
        raise NotAllowed("You are the last steward. Make another member one before you leave.")
