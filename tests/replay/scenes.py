"""What has to be there before an activity comes, and what it should have done afterwards.

A document of the corpus speaks of other servers only. So that it does something here, one address
of it is moved to our server, wherever it stands in the message (see `Moved`): the community of a
Follow, who asked in an Accept, the post that is liked or answered, the community that a Create
names. The rows under that address are made by the same actions that pages use. What lies on the
host of the actor stays there: such a post came before, or is served by the origin. What a community
announces is heard because somebody here belongs to it.
"""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.domain.communities.models import Membership, Standing
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post, Vote
from fedcop.outbox.models import Delivery
from fedcop.text.plain import words
from fedcop.text.sanitize import clean
from tests.replay.case import Case, Expected, Reading
from tests.replay.documents import Json, host, id_of, many
from tests.replay.kept import lost
from tests.replay.origin import made_up_author
from tests.replay.stage import Stage
from tests.replay.stewardship import block, change_collection, flag, lock, move

VOTES = frozenset({"Like", "Dislike", "EmojiReact"})


Scene = Callable[[Stage, Case], Awaitable[Expected]]


async def follow(stage: Stage, case: Case) -> Expected:
    place = await stage.community()
    stage.origin.moved.move(case.object_id, place.uri)
    follow_uri = id_of(case.said)

    def holds(session: Session) -> bool:
        accepted = session.scalars(select(Journal).where(Journal.type == "Accept")).all()
        told = session.scalar(select(func.count()).select_from(Delivery))
        member = _membership(session, place.id, case.actor)
        return (
            member is not None
            and (member.standing, member.follow_uri) == (Standing.ACTIVE, follow_uri)
            and [follow_uri.encode() in one.body for one in accepted] == [True]
            and told == 1
        )

    return Expected("member", holds)


async def accept(stage: Stage, case: Case) -> Expected:
    return Expected("accepted", await _answered(stage, case, Standing.ACTIVE))


async def reject(stage: Stage, case: Case) -> Expected:
    return Expected("rejected", await _answered(stage, case, Standing.REFUSED))


async def _answered(stage: Stage, case: Case, standing: Standing) -> Reading:
    community_id, follow_uri = await stage.ask_to_join(case.actor)
    ada = f"{stage.app.uris.base}/u/ada"
    if case.inner:
        stage.origin.moved.move(id_of(case.inner.get("actor")), ada)
    if not case.is_approval:
        stage.origin.moved.move(case.object_id, follow_uri)

    def holds(session: Session) -> bool:
        member = _membership(session, community_id, ada)
        return member is not None and member.standing == standing

    return holds


async def create(stage: Stage, case: Case) -> Expected:
    parent = id_of(case.inner.get("inReplyTo"))
    group = case.via or case.group(stage.origin.is_group)
    if group:
        place = group
        await stage.listen(group)
    else:
        ours = await stage.community()
        place = ours.uri
        if parent and host(parent) != host(case.actor):
            stage.origin.moved.move(parent, (await stage.starter(ours)).uri)
        elif parent and not case.community:
            await stage.post(parent, made_up_author(parent), ours.id)
        if case.community:
            stage.origin.moved.move(case.community, ours.uri)
    return _published(stage, case.inner, place, parent)


def _published(stage: Stage, wire: Json, place: str, parent: str) -> Expected:
    uri, author = id_of(wire), id_of(next(iter(many(wire.get("attributedTo"))), ""))

    def holds(session: Session) -> bool:
        by, where, above = aliased(Actor), aliased(Actor), aliased(Post)
        query = (
            select(Post, by.uri, where.uri, above.uri)
            .join(by, by.id == Post.author_id)
            .join(where, where.id == Post.community_id)
            .outerjoin(above, above.id == Post.parent_id)
            .where(Post.uri == uri)
        )
        row = session.execute(query).first()
        if row is None:
            return False
        post, post_author, post_place, post_parent = row
        expected = (author or post_author, place, stage.origin.moved(parent) or None)
        assert (post_author, post_place, post_parent) == expected
        missing = lost(session, post, stage.origin.moved(wire))
        assert not missing, missing
        return post.is_visible

    return Expected("reply" if parent else "threaded", holds)


async def update(stage: Stage, case: Case) -> Expected:
    if case.inner.get("type") in ACTOR_TYPES:
        return await _update_actor(stage, case)
    parent = id_of(case.inner.get("inReplyTo"))
    community_id = await stage.where(case.via)
    under = await stage.post(parent, made_up_author(parent), community_id) if parent else None
    await stage.post(case.object_id, case.actor, community_id, under)
    stage.origin.serve(case.json)

    def holds(session: Session) -> bool:
        post = _post(session, case.object_id)
        wire = case.inner or stage.origin.document(case.object_id) or {}
        missing = lost(session, post, stage.origin.moved(wire))
        assert not missing, missing
        return post.edited_at is not None

    return Expected("edited", holds)


async def _update_actor(stage: Stage, case: Case) -> Expected:
    uri = case.object_id
    if case.via:
        await stage.listen(case.via)
    ours = host(uri) != host(case.actor)
    if ours:  # a steward elsewhere describes a community of ours (Lemmy)
        place = await stage.community()
        stage.origin.moved.move(uri, place.uri)
        await stage.appoint(case.actor, place.id)
    else:
        former = {"type": case.inner["type"], "id": uri, "name": "Former name"}
        stage.origin.former[uri] = former
        if case.inner["type"] == "Group":
            stage.origin.groups.add(uri)
        await stage.actor(uri)
        del stage.origin.former[uri]

    def holds(session: Session) -> bool:
        actor = _actor(session, stage.origin.moved(uri))
        told = (words(case.inner.get("name") or ""), clean(case.inner.get("summary") or ""))
        return (actor.display_name, actor.summary_html if not ours else told[1]) == told

    return Expected("profile", holds)


async def delete(stage: Stage, case: Case) -> Expected:
    uri = case.object_id
    if uri == case.actor:
        if case.via:
            await stage.listen(case.via)
        await stage.actor(uri)
        stage.origin.gone.add(uri)
        return Expected("deleted", lambda session: _actor(session, uri).deleted_at is not None)
    if not case.is_of_a_post:
        return Expected("deleted", lambda session: False)
    community_id = await stage.where(case.via)
    removed = "summary" in case.said
    await stage.post(uri, made_up_author(uri) if removed else case.actor, community_id)
    if removed and not case.via:
        await stage.appoint(case.actor, community_id)
    stage.origin.gone.add(uri)

    def holds(session: Session) -> bool:
        post = _post(session, uri)
        if removed:
            return post.removed_at is not None and post.html != ""
        return post.deleted_at is not None and post.html == ""

    return Expected("removed" if removed else "deleted", holds)


async def vote(stage: Stage, case: Case) -> Expected:
    uri = case.object_id
    author = id_of(case.inner.get("attributedTo"))
    if not case.via and host(uri) != host(case.actor):
        ours = await stage.starter(await stage.community())
        stage.origin.moved.move(uri, ours.uri)
        uri = ours.uri
    else:
        await stage.post(uri, author or made_up_author(uri), await stage.where(case.via))
    value = -1 if case.verb == "Dislike" else 1

    def holds(session: Session) -> bool:
        post = _post(session, uri)
        counts = (post.likes, post.dislikes, post.reported_likes, post.reported_dislikes)
        vote = session.scalars(
            select(Vote.value).join(Actor, Actor.id == Vote.actor_id).where(Actor.uri == case.actor)
        ).all()
        if case.passed_on:
            return counts == ((0, 0, 1, 0) if value > 0 else (0, 0, 0, 1)) and vote == []
        return counts == ((1, 0, 0, 0) if value > 0 else (0, 1, 0, 0)) and vote == [value]

    return Expected("vote", holds)


async def undo(stage: Stage, case: Case) -> Expected:
    """First comes what is undone; an id alone is taken for that of a Like."""
    undone = case.inner or {
        "type": "Like",
        "id": case.object_id,
        "actor": case.actor,
        "object": f"{case.object_id.partition('#')[0]}/made-up/post",
    }
    undone = {key: value for key, value in undone.items() if key != "endTime"}  # it came in time
    before = Case(case.json, undone, case.via)
    first = await SCENES[undone["type"]](stage, before)
    if undone["type"] == "Delete":
        stage.origin.gone.clear()
    await stage.deliver(case.wrap(undone))
    done = await stage.read(first.holds)

    def holds(session: Session) -> bool:
        return done and not first.holds(session) and _is_as_before(session, undone)

    return Expected(_TAKEN_BACK.get(undone["type"], "unvote"), holds)


_TAKEN_BACK = {
    "Follow": "left",
    "Delete": "restored",
    "Lock": "unlocked",
    "Block": "let in again",
    "Flag": "withdrawn",
}


async def announce(stage: Stage, case: Case) -> Expected:
    """By a community that we listen to it is a publication; by a person it is a boost."""
    if not stage.origin.is_group(case.actor):
        ours = await stage.community()
        if host(case.object_id) != host(case.actor):
            stage.origin.moved.move(case.object_id, (await stage.starter(ours)).uri)
        return Expected("boost", lambda session: False)
    await stage.listen(case.actor)
    wire = stage.origin.document(case.object_id) or {}
    return _published(stage, wire, case.actor, id_of(wire.get("inReplyTo")))


SCENES: dict[str, Scene] = {
    "Follow": follow,
    "Accept": accept,
    "Reject": reject,
    "Create": create,
    "Update": update,
    "Delete": delete,
    "Undo": undo,
    "Announce": announce,
    "Add": change_collection,
    "Remove": change_collection,
    "Lock": lock,
    "Block": block,
    "Flag": flag,
    "Move": move,
    **dict.fromkeys(VOTES, vote),
}


def _is_as_before(session: Session, undone: Json) -> bool:
    if undone["type"] not in VOTES:
        return True
    counts = (Post.likes, Post.dislikes, Post.reported_likes, Post.reported_dislikes)
    return all(not any(row) for row in session.execute(select(*counts)))


def _post(session: Session, uri: str) -> Post:
    return session.scalars(select(Post).where(Post.uri == uri)).one()


def _actor(session: Session, uri: str) -> Actor:
    return session.scalars(select(Actor).where(Actor.uri == uri)).one()


def _membership(session: Session, community_id: int, uri: str) -> Membership | None:
    query = select(Membership).join(Actor, Actor.id == Membership.actor_id)
    return session.scalar(query.where(Actor.uri == uri, Membership.community_id == community_id))
