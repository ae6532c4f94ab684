"""A member is made a steward of a community, and is one no longer."""

from fedcop.domain.communities.banned import check_not_banned
from fedcop.domain.communities.facts import StewardAppointed, StewardDismissed
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.communities.policy import check_is_steward, count_stewards
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid, NotAllowed, Sentence
from fedcop.work.unit_of_work import UnitOfWork


def appoint(uow: UnitOfWork, community: Community, actor: Actor, by: Actor | None) -> bool:
    """Let this actor look after the community; False if they do already.

    `by` is one of its stewards; None, if only the community's own host says so. In a community of
    ours only a member can be made one. Who stewards a community elsewhere is for its host to say:
    whoever it names is one here, too, except somebody of ours who does not belong to it. Raises
    NotAllowed, and Invalid for a community.
    """
    if by is not None:
        check_is_steward(uow.session, community.actor_id, by.id)
    if actor.type == "Group" or actor.deleted_at is not None:
        raise Invalid(Sentence("Only a person can be a steward."))
    key = (community.actor_id, actor.id)
    membership = uow.look_up(Membership, key)
    if community.local:
        check_not_banned(uow, community, actor)
        if membership is None or membership.standing != Standing.ACTIVE:
            raise NotAllowed("Only a member can become a steward. Ask them to join first.")
    elif membership is None:
        if actor.is_local:
            return False
        membership = Membership(
            community_id=community.actor_id, actor_id=actor.id, joined_at=uow.now
        )
        uow.add(membership)
        uow.remember(key, membership)
    if membership.role == Role.STEWARD:
        return False
    membership.role, membership.approved = Role.STEWARD, True
    uow.emit(StewardAppointed(*key, by.id if by else None))
    return True


def dismiss(uow: UnitOfWork, community: Community, actor: Actor, by: Actor | None) -> bool:
    """Let this actor be a member like others; False if they are no steward.

    `by` as in `appoint`; a steward may step down by themselves. The last steward stays, unless the
    host of a community elsewhere says otherwise. Raises NotAllowed.
    """
    if by is not None:
        check_is_steward(uow.session, community.actor_id, by.id)
    key = (community.actor_id, actor.id)
    membership = uow.look_up(Membership, key)
    if membership is None or membership.role != Role.STEWARD:
        return False
    decided_here = community.local or by is not None
    if decided_here and count_stewards(uow.session, community.actor_id) <= 1:
        raise NotAllowed("A community needs a steward. Make another member one first.")
    membership.role = Role.MEMBER
    uow.emit(StewardDismissed(*key, by.id if by else None))
    return True
