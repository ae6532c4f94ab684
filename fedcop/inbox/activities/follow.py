"""Follow: somebody elsewhere joins a community of ours, or follows a person; Undo{Follow}."""

from fedcop.activitypub.vocab.activities import Activity, Follow
from fedcop.domain.communities.ban import turn_away
from fedcop.domain.communities.join import join, leave
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.people.models import Actor
from fedcop.inbox.activities.follow_person import follow_person, undo_person
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def follow(uow: UnitOfWork, inbound: Inbound[Follow], means: Means) -> bool:
    """For a Group the accepted Follow is the membership; asking again is answered again."""
    community = _community(uow, inbound.activity)
    uri = inbound.activity.id or ""
    if community is None:
        return follow_person(uow, inbound)
    if is_buried(uow, uri, inbound.speaker.uri):
        return False
    if turn_away(uow, community, inbound.speaker, uri):
        return True
    join(uow, community, inbound.speaker, follow_uri=uri)
    return True


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """End the membership; a Follow that arrives only after its Undo stays away.

    Lemmy embeds a Follow under a new id, so an id that we have never seen means whatever stands.
    """
    community = _community(uow, undone)
    if community is None:
        return undo_person(uow, inbound, undone)
    if not undone.id:
        return False
    speaker = inbound.withdrawer
    bury(uow, undone.id, speaker.uri)
    standing = uow.look_up(Membership, (community.actor_id, speaker.id))
    if standing is None:
        return True
    another = standing.follow_uri not in {None, undone.id}
    if another and uow.find(Journal, undone.id) is not None:
        return True
    leave(uow, community, speaker)
    return True


def _community(uow: UnitOfWork, activity: Activity) -> Community | None:
    """The community of ours that the activity is about."""
    group = uow.find(Actor, activity.object_id or "")
    if group is None or not group.is_local or group.type != "Group":
        return None
    return uow.look_up(Community, group.id)
