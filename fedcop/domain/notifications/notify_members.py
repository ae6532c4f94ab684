"""What happens to members, stewards and communities, and whom it concerns."""

from sqlalchemy import select

from fedcop.domain.communities.facts import (
    ApprovalAsked,
    BanLifted,
    CommunityClosed,
    CommunityReopened,
    MemberApproved,
    MemberBanned,
    MemberRefused,
    StewardAppointed,
    StewardDismissed,
)
from fedcop.domain.communities.models import Ban, Community, Membership, Standing
from fedcop.domain.communities.queries import stewards
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.notifications.send import send
from fedcop.domain.people.models import Account
from fedcop.work.unit_of_work import UnitOfWork


def notify_approval_asked(uow: UnitOfWork, fact: ApprovalAsked) -> None:
    """Every steward who is here, once while it waits, with what the newcomer said."""
    asking = uow.look_up(Membership, (fact.community_id, fact.actor_id))
    send(
        uow,
        [actor.id for actor in stewards(uow.session, fact.community_id) if actor.is_local],
        Reason.ASKS_APPROVAL,
        fact.actor_id,
        community_id=fact.community_id,
        words=asking.asked_words if asking else "",
        always=True,
        once=True,
    )


def notify_approved(uow: UnitOfWork, fact: MemberApproved) -> None:
    """Who asked may write now."""
    _tell(uow, fact.community_id, fact.actor_id, Reason.APPROVED)


def notify_refused(uow: UnitOfWork, fact: MemberRefused) -> None:
    """Who asked, or belonged, does not belong any more, and hears why."""
    _tell(uow, fact.community_id, fact.actor_id, Reason.REFUSED, fact.reason)


def notify_appointed(uow: UnitOfWork, fact: StewardAppointed) -> None:
    """Who looks after a community from now on."""
    if fact.by_id != fact.actor_id:
        _tell(uow, fact.community_id, fact.actor_id, Reason.APPOINTED)


def notify_dismissed(uow: UnitOfWork, fact: StewardDismissed) -> None:
    """Who no longer looks after it, unless that was their own doing."""
    if fact.by_id != fact.actor_id:
        _tell(uow, fact.community_id, fact.actor_id, Reason.DISMISSED)


def notify_banned(uow: UnitOfWork, fact: MemberBanned) -> None:
    """Who may not take part hears why; until when is in the ban itself."""
    reason = uow.get(Ban, fact.ban_id).reason
    _tell(uow, fact.community_id, fact.actor_id, Reason.BANNED, reason)


def notify_ban_lifted(uow: UnitOfWork, fact: BanLifted) -> None:
    """Who may take part again."""
    _tell(uow, fact.community_id, fact.actor_id, Reason.BAN_LIFTED)


def notify_closed(uow: UnitOfWork, fact: CommunityClosed) -> None:
    """Everybody here who belongs to it, with the notice: their place is closed."""
    notice = uow.session.get_one(Community, fact.community_id).closing_notice
    _tell_members(uow, fact.community_id, fact.by_id, Reason.CLOSED, notice)


def notify_reopened(uow: UnitOfWork, fact: CommunityReopened) -> None:
    """Everybody here who belongs to it: it goes on."""
    _tell_members(uow, fact.community_id, fact.by_id, Reason.REOPENED)


def _tell(
    uow: UnitOfWork, community_id: int, actor_id: int, reason: Reason, words: str = ""
) -> None:
    """In the name of the community, not of the one steward: it decides as a whole.

    One of another server rings once while that is unread: it could decide to and fro for ever.
    """
    send(
        uow,
        [actor_id],
        reason,
        community_id,
        community_id=community_id,
        words=words,
        always=True,
        once=not uow.get(Community, community_id).local,
    )


def _tell_members(
    uow: UnitOfWork, community_id: int, by_id: int | None, reason: Reason, words: str = ""
) -> None:
    query = (
        select(Account.actor_id)
        .join(Membership, Membership.actor_id == Account.actor_id)
        .where(Membership.community_id == community_id, Membership.standing == Standing.ACTIVE)
    )
    people = [one for one in uow.session.scalars(query) if one != by_id]
    send(
        uow,
        people,
        reason,
        community_id,
        community_id=community_id,
        words=words,
        always=True,
        once=True,
    )
