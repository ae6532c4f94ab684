"""Block with a target: somebody is banned from a community, or from a whole server; its Undo."""

from datetime import datetime

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.activities import Activity, Block
from fedcop.domain.communities.ban import LONGEST_REASON, ban, lift
from fedcop.domain.communities.banned import in_force, said_by
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.queries import has_local_members
from fedcop.domain.network.hosts import host_of
from fedcop.domain.people.models import Actor
from fedcop.errors import Malformed
from fedcop.inbox.authority import decided_by, is_withdrawn, withdraw
from fedcop.inbox.inbound import Inbound, Proof
from fedcop.text.plain import shorten, words
from fedcop.work.unit_of_work import UnitOfWork


def ban_person(uow: UnitOfWork, inbound: Inbound[Block], community: Community) -> bool:
    """A steward of ours bans, or a community elsewhere says whom it has banned.

    One that has ended already, or was lifted before it came, changes nothing; nor does one of a
    community where nobody from here is, or was banned: it would make us listen to it. Raises
    NotTheirs for anybody else, NotAllowed for the last steward, Malformed for an end that cannot be
    read.
    """
    activity, place = inbound.activity, community.actor_id
    person = uow.find(Actor, activity.object_id or "")
    if person is None:
        return False
    by = decided_by(uow, inbound, place)
    until = _end_of(activity)
    if (until is not None and until <= uow.now) or is_withdrawn(uow, activity, place):
        return False
    standing = in_force(uow, place, person.id) is not None
    if not community.local and not standing and not has_local_members(uow.session, place):
        return False
    ban(
        uow,
        community,
        person,
        by,
        reason=shorten(words(activity.summary or ""), LONGEST_REASON),
        until=until,
        with_posts=activity.remove_data,
        uri=activity.id,
    )
    return True


def lift_ban(
    uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, community: Community
) -> bool:
    """They may take part again: any steward may say so, not only the one who banned.

    One that arrives only after its Undo stays away. Raises NotTheirs as `ban_person` does.
    """
    person = uow.find(Actor, undone.object_id or "")
    by = decided_by(uow, inbound, community.actor_id)
    withdraw(uow, undone, community.actor_id)
    if person is None:
        return undone.id is not None
    lift(uow, community, person, by)
    return True


def ban_from_server(inbound: Inbound[Block]) -> bool:
    """Another server bans somebody from all of itself: written down, and nothing else.

    Of a person of its own it says what it sees to itself: nothing more of them comes. What of
    theirs stands here is for the stewards and admins here. Only who lives on that server says it.
    """
    activity = inbound.activity
    theirs = host_of(activity.actor) == host_of(activity.target or "")
    return theirs and inbound.proof is not Proof.RELAYED


def community_of(uow: UnitOfWork, block: Activity) -> Community | None:
    """The community from which it bans; None for a person's Block, and for a whole server.

    One that is only named by its id is found by the ban that it had made.
    """
    if block.target is None:
        standing = said_by(uow.session, block.id) if block.id else None
        return uow.get(Community, standing.community_id) if standing is not None else None
    group = uow.find(Actor, block.target)
    if group is None or group.type != "Group":
        return None
    return uow.look_up(Community, group.id)


def _end_of(activity: Block) -> datetime | None:
    """`endTime`, or `expires` of Lemmy before 0.19.4; for ever only if neither is given."""
    for field in ("endTime", "expires"):
        given = activity.raw.get(field)
        if given is not None:
            end = values.moment(given)
            if end is None:
                raise Malformed(f"“{field}” has to be a time, or be left out for a ban for good.")
            return end
    return None
