"""Who may write in a community of ours: everybody, members whom its stewards approve, stewards."""

from sqlalchemy import update

from fedcop.domain.communities.facts import CommunityChanged
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.work.unit_of_work import UnitOfWork


def set_openness(
    uow: UnitOfWork, community: Community, by: Actor, *, stewards_only: bool, approval: bool
) -> None:
    """A steward says who starts discussions, and whether stewards approve who writes at all.

    Who is a member when approval begins stays approved, and who waits when it ends need not wait
    any longer. Raises NotAllowed for who is no steward.
    """
    check_is_steward(uow.session, community.actor_id, by.id)
    if (community.stewards_only, community.approval) == (stewards_only, approval):
        return
    community.stewards_only = stewards_only
    if community.approval is not approval:
        community.approval = approval
        uow.write()
        everybody = update(Membership).where(
            Membership.community_id == community.actor_id, Membership.approved.is_(False)
        )
        uow.session.execute(everybody.values(approved=True))
    uow.emit(CommunityChanged(community.actor_id))
