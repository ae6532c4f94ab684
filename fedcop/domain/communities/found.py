"""A community is founded; its founder is the first steward."""

from fedcop.domain.communities.charter import describe
from fedcop.domain.communities.facts import CommunityFounded
from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.people.keys import FreshKeys, give_keys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.names import check_name
from fedcop.domain.people.register import local_actor
from fedcop.work.unit_of_work import UnitOfWork


def found(
    uow: UnitOfWork,
    founder: Actor,
    *,
    name: str,
    title: str,
    purpose: str,
    charter: str,
    keys: FreshKeys,
) -> Community:
    """Make a public community of this server.

    Raises Invalid with fields name, title, purpose, charter.
    """
    wanted = check_name(uow, name)
    actor = local_actor(uow, uow.uris.community(wanted), "Group", wanted, title.strip())
    actor.moderators_uri = f"{actor.uri}/moderators"
    actor.featured_uri = f"{actor.uri}/featured"
    uow.add(actor)
    give_keys(uow, actor, keys)
    community = Community(actor_id=actor.id, local=True, founded_at=uow.now, members_count=1)
    uow.add(community)
    uow.remember(actor.id, community)
    describe(uow, community, title=title, purpose=purpose, charter=charter, by=founder)
    uow.add(
        Membership(
            community_id=actor.id,
            actor_id=founder.id,
            role=Role.STEWARD,
            joined_at=uow.now,
        )
    )
    uow.emit(CommunityFounded(actor.id))
    return community
