"""The scenes of what keeps a community in order: stewards, pins, locks, bans, reports, moves.

As in `scenes`, one address of a message is moved to our server, or a community announces it.
"""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fedcop.domain.communities.models import Ban, Membership, Role
from fedcop.domain.moderation.models import Report
from fedcop.domain.people.models import Actor, Block, Follow
from fedcop.domain.posts.models import Post
from tests.replay.case import Case, Expected
from tests.replay.documents import id_of, looks_like_an_actor, many
from tests.replay.origin import made_up_author
from tests.replay.stage import Stage


async def change_collection(stage: Stage, case: Case) -> Expected:
    """Add and Remove: the other state is there before; a steward of ours says it, or the group."""
    outcome = {"moderators": "steward", "featured": "pinned"}.get(case.collection, "")
    if not outcome:
        await stage.where(case.via)
        return Expected("listed", lambda session: False)
    target, into = id_of(case.said["target"]), case.verb == "Add"
    if case.via:
        stage.origin.collections[case.via] = {case.collection: target}
        community_id = await stage.listen(case.via)
    else:
        ours = await stage.community()
        community_id = ours.id
        stage.origin.moved.move(target, f"{ours.uri}/{case.collection}")
        await stage.appoint(case.actor, community_id)
    uri = case.object_id
    if case.collection == "featured":
        post_id = await stage.post(uri, made_up_author(uri), community_id)
        if not into:
            await stage.pin(post_id)
    elif into and not case.via:
        await stage.enrol(uri, community_id)
    elif not into:
        await stage.appoint(uri, community_id)

    def holds(session: Session) -> bool:
        if case.collection == "featured":
            pinned = session.scalar(select(Post.pinned_at).where(Post.uri == uri))
            return (pinned is not None) == into
        query = select(Membership.role).join(Actor, Actor.id == Membership.actor_id)
        role = session.scalar(
            query.where(Actor.uri == uri, Membership.community_id == community_id)
        )
        return (role == Role.STEWARD) == into

    return Expected(outcome if into else f"no longer {outcome}", holds)


async def lock(stage: Stage, case: Case) -> Expected:
    uri = case.object_id
    community_id = await stage.where(case.via)
    await stage.post(uri, made_up_author(uri), community_id)
    if not case.via:
        await stage.appoint(case.actor, community_id)

    def holds(session: Session) -> bool:
        return session.scalar(select(Post.locked_at).where(Post.uri == uri)) is not None

    return Expected("locked", holds)


async def block(stage: Stage, case: Case) -> Expected:
    """With a target a ban from that community, without one between two people."""
    target, uri = id_of(case.said.get("target")), case.object_id
    if not target:
        ada = await stage.person()
        stage.origin.moved.move(uri, ada.uri)
        return Expected("blocked", lambda session: _rows(session, Block.target_id, ada.id) == 1)
    community_id = await stage.where(case.via)
    await stage.actor(uri)
    if not case.via:
        stage.origin.moved.move(target, f"{stage.app.uris.base}/c/practice")
        await stage.appoint(case.actor, community_id)

    def holds(session: Session) -> bool:
        query = select(Ban.lifted_at).join(Actor, Actor.id == Ban.actor_id)
        found = session.scalars(query.where(Actor.uri == uri, Ban.community_id == community_id))
        return None in found.all()

    return Expected("banned", holds)


async def flag(stage: Stage, case: Case) -> Expected:
    """A report of what is ours: posts are moved to a discussion here, people to its author."""
    ours = await stage.community()
    uris = [id_of(one) for one in many(case.thing)]
    posts = [uri for uri in uris if not looks_like_an_actor(uri)]
    if posts:
        starter = await stage.starter(ours)
        for uri in posts:  # before the people, whose addresses some of these begin with
            stage.origin.moved.move(uri, starter.uri)
    for uri in uris:
        if uri not in posts:
            stage.origin.moved.move(uri, f"{stage.app.uris.base}/u/ada")
    flag_uri = id_of(case.said)
    return Expected("reported", lambda session: _rows(session, Report.uri, flag_uri) == 1)


async def move(stage: Stage, case: Case) -> Expected:
    """Somebody here follows the old account; the new one says that it is the old one's."""
    new = id_of(case.said.get("target"))
    stage.origin.former[new] = {"id": new, "type": "Person", "alsoKnownAs": [case.object_id]}
    ada = await stage.person()
    await stage.follow(ada, case.actor)

    def holds(session: Session) -> bool:
        query = select(Actor.uri).join(Follow, Follow.target_id == Actor.id)
        followed = session.scalars(query.where(Follow.follower_id == ada.id)).all()
        moved = session.scalar(select(Actor.moved_to_uri).where(Actor.uri == case.actor))
        return (followed, moved) == ([new], new)

    return Expected("moved", holds)


def _rows(session: Session, column: InstrumentedAttribute[Any], value: object) -> int:
    return session.scalar(select(func.count()).where(column == value)) or 0
