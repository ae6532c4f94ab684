"""Somebody joins a community, or leaves it, here or from afar."""

from fedcop.domain.communities import audience
from fedcop.domain.communities.banned import check_not_banned
from fedcop.domain.communities.counts import count_members
from fedcop.domain.communities.facts import (
    ApprovalAsked,
    JoinAsked,
    MemberJoined,
    MemberLeft,
    MembershipGranted,
    StewardDismissed,
)
from fedcop.domain.communities.models import (
    Community,
    Membership,
    Role,
    Standing,
)
from fedcop.domain.communities.policy import check_is_open, check_may_leave
from fedcop.domain.people.models import Actor
from fedcop.errors import NotFound
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_WORDS = 1000


def join(
    uow: UnitOfWork,
    community: Community,
    actor: Actor,
    follow_uri: str | None = None,
    *,
    words: str = "",
    invited: bool = False,
) -> Membership:
    """Belong to a community: at once to one of ours, after its server's answer to another's.

    `follow_uri` is the Follow of a remote actor. Asking again is answered again (a lost Accept
    leaves a peer waiting for ever), and changes nothing else. Where the stewards decide who
    writes, a newcomer reads at once and `words` tell the stewards about them; whom a steward has
    `invited` need not ask. Raises NotAllowed for people here if the community is closed; who asks
    from elsewhere may listen to it, since it may be opened again. Raises it for who is banned, too.
    """
    check_not_banned(uow, community, actor)
    membership = _membership(uow, community, actor)
    if community.local:
        if actor.is_local and membership is None:
            check_is_open(community)
        membership = _join_here(uow, community, actor, membership, follow_uri)
        _ask_stewards(uow, community, membership, words, invited=invited)
        return membership
    if membership is None:
        membership = Membership(
            community_id=community.actor_id,
            actor_id=actor.id,
            standing=Standing.ASKED,
            joined_at=uow.now,
        )
        uow.add(membership)
        uow.remember((community.actor_id, actor.id), membership)
    if membership.standing != Standing.ACTIVE:
        membership.standing = Standing.ASKED
        follow_uri = uow.uris.activity(new_id())
        membership.follow_uri = follow_uri
        uow.emit(JoinAsked(community.actor_id, actor.id, follow_uri))
    return membership


def granted(uow: UnitOfWork, community: Community, actor: Actor) -> None:
    """The community's server has accepted. Raises NotFound if it was never asked."""
    membership = _asked(uow, community, actor)
    if membership.standing != Standing.ACTIVE:
        membership.standing = Standing.ACTIVE
        membership.joined_at = uow.now
        count_members(uow, community, +1)
        uow.emit(MemberJoined(community.actor_id, actor.id, membership.follow_uri))
        uow.emit(MembershipGranted(community.actor_id, actor.id))


def refused(uow: UnitOfWork, community: Community, actor: Actor) -> None:
    """The community's server has refused, or ended the membership. Raises NotFound likewise."""
    membership = _asked(uow, community, actor)
    if membership.standing == Standing.ACTIVE:
        count_members(uow, community, -1)
    membership.standing = Standing.REFUSED


def leave(uow: UnitOfWork, community: Community, actor: Actor) -> None:
    """No longer belong to it; leaving what one does not belong to changes nothing.

    Raises NotAllowed for the last steward of a local community.
    """
    membership = _membership(uow, community, actor)
    if membership is None:
        return
    if community.local:
        check_may_leave(uow.session, membership)
    follow_uri = membership.follow_uri
    looked_after = community.local and membership.role == Role.STEWARD
    end_membership(uow, community, actor, membership)
    if looked_after:
        uow.emit(StewardDismissed(community.actor_id, actor.id, actor.id))
    uow.emit(MemberLeft(community.actor_id, actor.id, follow_uri))


def end_membership(
    uow: UnitOfWork, community: Community, actor: Actor, membership: Membership
) -> None:
    """Take a membership away, and say nothing: whoever calls says why."""
    if membership.standing == Standing.ACTIVE:
        count_members(uow, community, -1)
    uow.write()
    uow.session.delete(membership)
    uow.write()
    uow.forget(Membership, (community.actor_id, actor.id))
    if community.local:
        audience.narrow(uow, community, actor.delivery_inbox_id)


def _membership(uow: UnitOfWork, community: Community, actor: Actor) -> Membership | None:
    return uow.look_up(Membership, (community.actor_id, actor.id))


def _asked(uow: UnitOfWork, community: Community, actor: Actor) -> Membership:
    membership = _membership(uow, community, actor)
    if membership is None or community.local:
        raise NotFound(f"{actor.uri} never asked to join this community")
    return membership


def _join_here(
    uow: UnitOfWork,
    community: Community,
    actor: Actor,
    membership: Membership | None,
    follow_uri: str | None,
) -> Membership:
    again = membership is not None and membership.standing == Standing.ACTIVE
    if membership is None:
        membership = Membership(
            community_id=community.actor_id,
            actor_id=actor.id,
            role=Role.MEMBER,
            joined_at=uow.now,
            approved=not community.approval,
        )
        uow.add(membership)
        uow.remember((community.actor_id, actor.id), membership)
    if not again:
        membership.standing = Standing.ACTIVE
        count_members(uow, community, +1)
    membership.follow_uri = follow_uri or membership.follow_uri
    audience.widen(uow, community, actor)
    uow.emit(MemberJoined(community.actor_id, actor.id, follow_uri, again=again))
    return membership


def _ask_stewards(
    uow: UnitOfWork, community: Community, membership: Membership, words: str, *, invited: bool
) -> None:
    """Let the stewards know of somebody who waits: when they come, and when they say more."""
    if membership.approved or not community.approval:
        return
    if invited:
        membership.approved = True
        return
    said = " ".join(words.replace("\0", "").split())[:LONGEST_WORDS]
    is_new = membership.joined_at == uow.now
    if said and said != membership.asked_words:
        membership.asked_words, is_new = said, True
    if is_new:
        uow.emit(ApprovalAsked(membership.community_id, membership.actor_id))
