"""Accept: the community or person elsewhere whom somebody here asked takes them."""

from fedcop.activitypub.vocab.activities import Accept, Activity
from fedcop.domain.communities.join import granted
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.people.models import Actor
from fedcop.inbox.activities.follow_person import answered, follow_meant
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def accept(uow: UnitOfWork, inbound: Inbound[Accept], means: Means) -> bool:
    """The membership, or the follow, stands. An answer to what was never asked changes nothing."""
    if inbound.speaker.type != "Group":
        return answered(uow, inbound, yes=True)
    asked = who_asked(uow, inbound)
    if asked is None:
        return False
    granted(uow, *asked)
    return True


def who_asked(uow: UnitOfWork, inbound: Inbound[Activity]) -> tuple[Community, Actor] | None:
    """The community that answers and the one of ours who asked exactly this community."""
    asker_uri, object_uri = follow_meant(uow, inbound.activity)
    group = inbound.speaker
    asker = uow.find(Actor, asker_uri or "")
    if object_uri != group.uri or asker is None or not asker.is_local:
        return None
    community = uow.look_up(Community, group.id)
    if community is None or community.local:
        return None
    standing = uow.look_up(Membership, (group.id, asker.id))
    return (community, asker) if standing is not None and standing.follow_uri else None
