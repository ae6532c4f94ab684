"""Somebody is banned from a community, until a moment or for good, and let in again."""

from datetime import datetime

from fedcop.domain.communities.banned import in_force, standing
from fedcop.domain.communities.facts import (
    BanLifted,
    JoinRefused,
    MemberBanned,
    StewardDismissed,
)
from fedcop.domain.communities.join import end_membership
from fedcop.domain.communities.models import Ban, Community, Membership, Role, Standing
from fedcop.domain.communities.policy import check_is_steward, count_stewards
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid, NotAllowed, Sentence
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_REASON = 1_000

__all__ = ["LONGEST_REASON", "ban", "lift", "standing", "turn_away"]


def ban(
    uow: UnitOfWork,
    community: Community,
    actor: Actor,
    by: Actor | None,
    *,
    reason: str = "",
    until: datetime | None = None,
    with_posts: bool = False,
    uri: str | None = None,
) -> Ban:
    """From now on they cannot write, vote or join; their membership and role end.

    `by` None is the word of the community's own host. `until` None is for good; a ban that has
    ended counts no more by itself. `with_posts` takes out what they said in the community. `uri`
    is the Block that said so. A second ban takes the place of the first; the same again changes
    nothing. Raises NotAllowed for who is no steward, and of the last steward; Invalid (fields
    until, reason).
    """
    _check_words(uow, reason, until)
    _check_people(uow, community, actor, by)
    before = in_force(uow, community.actor_id, actor.id)
    if before is not None:
        if not with_posts and (before.until, before.reason) == (until, reason):
            return before
        before.lifted_at = uow.now
    made = Ban(
        id=new_id(),
        community_id=community.actor_id,
        actor_id=actor.id,
        banned_at=uow.now,
        reason=reason,
        by_id=by.id if by else None,
        until=until,
        uri=uri,
    )
    if uri is None and by is not None and by.is_local:
        made.uri = uow.uris.activity(new_id())
    uow.add(made)
    uow.remember((community.actor_id, actor.id), made)
    follow_uri = _end_belonging(uow, community, actor, by)
    fact = MemberBanned(
        made.id, community.actor_id, actor.id, made.by_id, with_posts, follow_uri=follow_uri
    )
    uow.emit(fact)
    return made


def lift(uow: UnitOfWork, community: Community, actor: Actor, by: Actor | None = None) -> None:
    """They may take part again, and have to join anew. Lifting what does not stand does nothing.

    Raises NotAllowed unless `by` is a steward; None is the word of the community's own host.
    """
    if by is not None:
        check_is_steward(uow.session, community.actor_id, by.id)
    standing_ban = in_force(uow, community.actor_id, actor.id)
    if standing_ban is None:
        return
    standing_ban.lifted_at = uow.now
    key = (community.actor_id, actor.id)
    uow.forget(Ban, key)
    uow.gathered(Ban, [key])
    uow.emit(BanLifted(standing_ban.id, *key, by.id if by else None))


def turn_away(uow: UnitOfWork, community: Community, actor: Actor, follow_uri: str) -> bool:
    """Whether somebody elsewhere who would join is banned; their server is then told so."""
    if not community.local or in_force(uow, community.actor_id, actor.id) is None:
        return False
    uow.emit(JoinRefused(community.actor_id, actor.id, follow_uri))
    return True


def _check_words(uow: UnitOfWork, reason: str, until: datetime | None) -> None:
    wrong: dict[str, str] = {}
    if until is not None and until <= uow.now:
        wrong["until"] = Sentence("A ban ends in the future. Choose a later day.")
    if len(reason) > LONGEST_REASON:
        wrong["reason"] = Sentence("At most {most} characters.", most=LONGEST_REASON)
    if wrong:
        raise Invalid(fields=wrong)


def _check_people(uow: UnitOfWork, community: Community, actor: Actor, by: Actor | None) -> None:
    if actor.id == community.actor_id:
        raise NotAllowed("A community cannot be banned from itself.")
    if by is None:
        return
    check_is_steward(uow.session, community.actor_id, by.id)
    if by.id == actor.id:
        raise NotAllowed("You cannot ban yourself. You can leave the community instead.")


def _end_belonging(
    uow: UnitOfWork, community: Community, actor: Actor, by: Actor | None
) -> str | None:
    """End the membership, and the role with it; the Follow that had begun it."""
    membership = uow.look_up(Membership, (community.actor_id, actor.id))
    if membership is None:
        return None
    was_steward = membership.role == Role.STEWARD and membership.standing == Standing.ACTIVE
    if was_steward and community.local and count_stewards(uow.session, community.actor_id) <= 1:
        raise NotAllowed("The last steward cannot be banned. Make another member one before.")
    follow_uri = membership.follow_uri
    end_membership(uow, community, actor, membership)
    if was_steward:
        uow.emit(StewardDismissed(community.actor_id, actor.id, by.id if by else None))
    return follow_uri
