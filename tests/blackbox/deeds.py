"""What an actor of the black box does when the test door asks: exist, publish, follow, vote."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import join, leave
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.network.models import Activity
from fedcop.domain.people.follow import follow, unfollow
from fedcop.domain.people.models import Actor, Follow, FollowStanding
from fedcop.domain.people.register import register
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.remove import delete
from fedcop.domain.posts.vote import vote
from fedcop.errors import Invalid, NotFound, Unsupported
from fedcop.inbox.activities.create import words_of
from fedcop.inbox.needs import recipients
from fedcop.work.unit_of_work import UnitOfWork
from tests.blackbox.world import World

STEWARD, MEMBER, COMMONS = "ada", "ben", "commons"
_VOTES = {"Like": 1, "Dislike": -1}
_LATEST = 200


async def seed(world: World) -> None:
    """Those who are there from the beginning."""
    await make_actor(world, STEWARD, "Person")
    await make_actor(world, COMMONS, "Group")
    member = await make_actor(world, MEMBER, "Person")
    uris = world.house.app.uris
    await do(world, member, {"type": "Follow", "object": uris.community(COMMONS)})


async def seeded(world: World) -> dict[str, dict[str, str]]:
    """Their ids and tokens, by name."""
    uris = world.house.app.uris
    ids = {STEWARD: uris.person(STEWARD), MEMBER: uris.person(MEMBER)}
    ids[COMMONS] = uris.community(COMMONS)
    return {name: {"id": uri, "token": world.token_of(uri)} for name, uri in ids.items()}


async def make_actor(world: World, name: str, kind: str) -> str:
    """A new person, or a community whose steward is `ada`; its id. Raises Invalid."""
    keys = await world.keys_for(name.strip().lower())
    if kind == "Person":

        def person(uow: UnitOfWork) -> str:
            return register(uow, name=name, display_name=name, keys=keys).uri

        return await world.house.app.act(person)
    if kind != "Group":
        raise Invalid(f"An actor here is a Person or a Group, not {kind!r}.")
    steward = await world.actor(world.house.app.uris.person(STEWARD))

    def group(uow: UnitOfWork) -> str:
        community = found(
            uow,
            uow.get(Actor, steward.id),
            name=name,
            title=name.title(),
            purpose="To be tried out.",
            charter="",
            keys=keys,
        )
        return uow.get(Actor, community.actor_id).uri

    return await world.house.app.act(group)


async def do(world: World, actor_uri: str, thing: Mapping[str, Any]) -> str:
    """Let an actor publish this object, or do what this activity says; the id of its object.

    Raises NotFound, Invalid, Unsupported, and whatever the deed itself raises.
    """
    actor = await world.actor(actor_uri)
    kind = thing.get("type")
    if kind in {"Follow", "Like", "Dislike", "Delete", "Undo"}:
        return await _act(world, actor, thing)
    if not isinstance(kind, str) or kind not in world.house.app.objects:
        raise Unsupported(
            f"Nothing is published as {kind!r} here: send a Note, an Article or a Page, or a "
            "Follow, Like, Dislike, Delete or Undo."
        )
    return await _publish(world, actor, thing)


async def _publish(world: World, actor: Actor, thing: Mapping[str, Any]) -> str:
    app, resolver = world.house.app, world.house.resolver
    draft = {**thing, "id": f"{app.uris.base}/post/1", "attributedTo": actor.uri}
    wire = parse(draft)
    parent_id = None
    if wire.in_reply_to:
        parent_id = await resolver.post(wire.in_reply_to)
        if parent_id is None:
            raise NotFound(f"{wire.in_reply_to} belongs to no community that is known here.")
    place_id = actor.id if actor.type == "Group" else await _place(world, wire)

    def act(uow: UnitOfWork) -> str:
        author = uow.get(Actor, actor.id)
        if author.type == "Group":
            author = uow.get(Actor, _steward_of(uow.session, author.id))
        words = words_of(uow, wire, resolver.means)
        if parent_id is not None:
            parent = uow.get(Post, parent_id)
            _belong(uow, uow.get(Community, parent.community_id), author)
            return reply(uow, author, parent, words).uri
        community = uow.get(Community, place_id)
        _belong(uow, community, author)
        return start(uow, author, community, words).uri

    return await app.act(act)


def _belong(uow: UnitOfWork, community: Community, author: Actor) -> None:
    """Who publishes here need not have joined before."""
    if community.local:
        join(uow, community, author)


async def _place(world: World, wire: Object) -> int:
    """The community among the addressees, met if it is new here; else `commons`."""
    app, resolver = world.house.app, world.house.resolver
    for uri in recipients(wire):
        if uri.endswith("/followers") or uri == wire.author:
            continue
        row_id = await resolver.actor(uri)
        if await app.read(lambda session, at=row_id: session.get(Community, at)) is not None:
            return row_id
    return (await world.actor(app.uris.community(COMMONS))).id


async def _act(world: World, actor: Actor, thing: Mapping[str, Any]) -> str:
    undone = thing.get("object")
    undo = thing["type"] == "Undo"
    if undo:
        if not isinstance(undone, dict) or undone.get("type") not in {"Follow", "Like", "Dislike"}:
            raise Invalid("Undo a Follow, Like or Dislike: send it whole as “object”.")
        thing = undone
    uri = thing.get("object")
    if not isinstance(uri, str):
        raise Invalid("“object” has to be the id of what this is about.")
    if thing["type"] == "Follow":
        await _follow(world, actor, uri, undo=undo)
        return uri
    row_id = await world.house.resolver.post(uri)
    if row_id is None:
        raise NotFound(f"{uri} belongs to no community that is known here.")

    def act(uow: UnitOfWork) -> None:
        post, who = uow.get(Post, row_id), uow.get(Actor, actor.id)
        if thing["type"] == "Delete":
            delete(uow, post, who)
        else:
            vote(uow, post, who, 0 if undo else _VOTES[thing["type"]])

    await world.house.app.act(act)
    return uri


async def _follow(world: World, actor: Actor, uri: str, *, undo: bool) -> None:
    target_id = await world.house.resolver.actor(uri)

    def act(uow: UnitOfWork) -> None:
        who, target = uow.get(Actor, actor.id), uow.get(Actor, target_id)
        community = uow.look_up(Community, target_id)
        if community is not None:
            if undo:
                leave(uow, community, who)
            else:
                join(uow, community, who)
        elif undo:
            unfollow(uow, who, target)
        else:
            follow(uow, who, target)

    await world.house.app.act(act)


def _steward_of(session: Session, community_id: int) -> int:
    here = (Membership.community_id == community_id, Membership.role == Role.STEWARD)
    return session.scalars(select(Membership.actor_id).where(*here)).first() or 0


async def said_by(world: World, actor: Actor) -> list[Any]:
    """The latest of what this actor has said, as it was said, the latest first."""

    def query(session: Session) -> list[Any]:
        theirs = (Activity.actor_uri == actor.uri, Activity.local, Activity.body != b"")
        rows = session.scalars(
            select(Activity.body).where(*theirs).order_by(Activity.id.desc()).limit(_LATEST)
        )
        return [orjson.Fragment(body) for body in rows]

    return await world.house.app.read(query)


async def heard_by(world: World, actor: Actor) -> set[str]:
    """Whom this actor follows, and the communities to which they belong."""

    def query(session: Session) -> set[str]:
        people = select(Follow.target_id).where(
            Follow.follower_id == actor.id, Follow.standing == FollowStanding.ACTIVE
        )
        places = select(Membership.community_id).where(
            Membership.actor_id == actor.id, Membership.standing == Standing.ACTIVE
        )
        return set(session.scalars(select(Actor.uri).where(Actor.id.in_(people.union(places)))))

    return await world.house.app.read(query)
