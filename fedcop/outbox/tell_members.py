"""What other servers are told of members and of changed profiles."""

from typing import Any, cast

import orjson
from sqlalchemy import select

from fedcop.domain.communities.facts import (
    CommunityChanged,
    CommunityClosed,
    CommunityReopened,
    JoinAsked,
    MemberJoined,
    MemberLeft,
    MemberRefused,
)
from fedcop.domain.communities.federation import group_document
from fedcop.domain.communities.models import Community, Membership, Standing
from fedcop.domain.people.facts import ProfileChanged
from fedcop.domain.people.federation import actor_document
from fedcop.domain.people.models import Actor
from fedcop.outbox import activities
from fedcop.outbox.followers import followers_of
from fedcop.outbox.models import Lane
from fedcop.outbox.publish import bring, mint, say, tell
from fedcop.work.unit_of_work import UnitOfWork


def join_asked(uow: UnitOfWork, fact: JoinAsked) -> None:
    """A person here would join a community elsewhere: its server gets a `Follow`."""
    actor, community = uow.get(Actor, fact.actor_id), uow.get(Actor, fact.community_id)
    said = say(uow, activities.follow(fact.follow_uri, actor, community.uri))
    bring(uow, said, [community], Lane.CONTROL)


def joined(uow: UnitOfWork, fact: MemberJoined) -> None:
    """Somebody elsewhere belongs to a community of ours: their `Follow` is accepted, every time.

    Repeated too: an `Accept` that was lost leaves the follower's server waiting for ever.
    """
    actor, community = uow.get(Actor, fact.actor_id), uow.get(Actor, fact.community_id)
    if actor.is_local or not community.is_local or fact.follow_uri is None:
        return
    document = activities.accept(mint(uow), community, actor, fact.follow_uri)
    said = say(uow, document, inner=follow_as_sent(uow, fact.follow_uri))
    bring(uow, said, [actor], Lane.CONTROL)


def refused(uow: UnitOfWork, fact: MemberRefused) -> None:
    """The stewards of a community of ours do not take somebody from elsewhere: `Reject{Follow}`.

    After an `Accept` it ends the membership there (Mastodon, Lemmy, FedCoP).
    """
    actor, community = uow.get(Actor, fact.actor_id), uow.get(Actor, fact.community_id)
    if actor.is_local or not community.is_local or fact.follow_uri is None:
        return
    document = activities.accept(mint(uow), community, actor, fact.follow_uri)
    document |= {"type": "Reject"} | ({"summary": fact.reason} if fact.reason else {})
    bring(uow, say(uow, document), [actor], Lane.CONTROL)


def left(uow: UnitOfWork, fact: MemberLeft) -> None:
    """A person here has left a community elsewhere: their `Follow` is undone."""
    actor, community = uow.get(Actor, fact.actor_id), uow.get(Actor, fact.community_id)
    if not actor.is_local or community.is_local or fact.follow_uri is None:
        return
    follow = activities.follow(fact.follow_uri, actor, community.uri)
    said = say(uow, activities.undo(mint(uow), follow, to=[community.uri], cc=[]))
    bring(uow, said, [community], Lane.CONTROL)


def community_changed(
    uow: UnitOfWork, fact: CommunityChanged | CommunityClosed | CommunityReopened
) -> None:
    """A community of ours says something else of itself, or is closed: all its audience hears."""
    actor = uow.get(Actor, fact.community_id)
    community = uow.session.get_one(Community, fact.community_id)
    if not actor.is_local:
        return
    document = group_document(uow.session, community, actor, uow.uris)
    said = say(uow, activities.actor_update(mint(uow), document))
    tell(uow, said, community_id=actor.id, lane=Lane.CONTROL)


def profile_changed(uow: UnitOfWork, fact: ProfileChanged) -> None:
    """A person here has another name or description: where they are a member, and who follows."""
    actor = uow.get(Actor, fact.actor_id)
    if not actor.is_local:
        return
    query = (
        select(Actor)
        .join(Membership, Membership.community_id == Actor.id)
        .where(Membership.actor_id == actor.id, Membership.standing == Standing.ACTIVE)
    )
    communities = uow.session.scalars(query).all()
    document = actor_document(uow.session, actor, uow.uris)
    afar = [community for community in communities if not community.is_local]
    said = say(
        uow, activities.actor_update(mint(uow), document, [community.uri for community in afar])
    )
    bring(uow, said, [*afar, *followers_of(uow, actor.id)], Lane.CONTROL)
    for community in communities:
        if community.is_local:
            tell(uow, said, community_id=community.id, lane=Lane.CONTROL)


def follow_as_sent(uow: UnitOfWork, follow_uri: str) -> bytes | None:
    """The Follow, byte for byte, if it is what led here."""
    if uow.cause is None:
        return None
    cause = cast("dict[str, Any]", orjson.loads(uow.cause))
    is_it = cause.get("type") == "Follow" and cause.get("id") == follow_uri
    return uow.cause if is_it else None
