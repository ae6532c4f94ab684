"""Accept: the community elsewhere that somebody here asked to join takes them."""

from fedcop.activitypub.vocab.activities import Accept, Activity, Follow
from fedcop.domain.communities.join import granted
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.people.models import Actor
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def accept(uow: UnitOfWork, inbound: Inbound[Accept], means: Means) -> bool:
    """The membership stands. An answer to what was never asked changes nothing."""
    asked = who_asked(uow, inbound)
    if asked is None:
        return False
    granted(uow, *asked)
    return True


def who_asked(uow: UnitOfWork, inbound: Inbound[Activity]) -> tuple[Community, Actor] | None:
    """The community that answers and the one of ours who asked exactly this community."""
    asker_uri, object_uri = _follow(uow, inbound.activity)
    group = inbound.speaker
    asker = uow.find(Actor, asker_uri or "")
    if object_uri != group.uri or asker is None or not asker.is_local:
        return None
    community = uow.look_up(Community, group.id)
    if community is None or community.local:
        return None
    standing = uow.look_up(Membership, (group.id, asker.id))
    return (community, asker) if standing is not None and standing.follow_uri else None


def _follow(uow: UnitOfWork, answer: Activity) -> tuple[str | None, str | None]:
    """Who asked whom: from the embedded Follow, else from the one that we wrote down."""
    thing = answer.object
    if isinstance(thing, Follow):
        return thing.actor, thing.object_id
    ours = uow.find(Journal, thing) if isinstance(thing, str) else None
    if ours is None or ours.type != "Follow" or not ours.local:
        return None, None
    return ours.actor_uri, ours.object_uri
