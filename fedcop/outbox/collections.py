"""The collections behind our actors and posts, as plain data."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.write import activity as write_activity
from fedcop.activitypub.vocab.write import ordered_collection
from fedcop.domain.communities.models import Community, Membership, Standing
from fedcop.domain.communities.queries import stewards
from fedcop.domain.network.models import Activity
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor
from fedcop.domain.people.relation import count_followed, count_followers
from fedcop.domain.posts.models import Kind, Post
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.posts.thread import ids_of
from fedcop.domain.posts.view import views_of
from fedcop.outbox import activities
from fedcop.uris import Uris

NEWEST = 50
_VISIBLE = (
    Post.confirmed,
    Post.deleted_at.is_(None),
    Post.removed_at.is_(None),
    ~is_hidden(Post.author_id),
)
_STARTS = (Post.parent_id.is_(None), Post.kind != Kind.REPLY, *_VISIBLE)


def community_outbox(
    session: Session, community: Actor, uris: Uris, types: ObjectTypes
) -> dict[str, Any]:
    """The newest discussions, each as the `Announce` that told of it, oldest text never shown.

    Unpaged: Lemmy and PieFed read the first 50 when they meet a community. Always in the native
    view, because one item that Lemmy cannot read costs it the whole collection.
    """
    here = (Post.community_id == community.id, *_STARTS)
    posts = _newest(session, *here)
    said = _about(session, [post.uri for post in posts], "Create")
    told = _about(session, [create.uri for create in said.values()], "Announce")
    items: list[Any] = []
    for post, thing in zip(posts, _things(session, posts, uris, types), strict=True):
        create = said.get(post.uri)
        announce = told.get(create.uri) if create is not None else None
        if create is None or announce is None:
            if post.announce_uri is not None:
                boost = activities.announce(
                    post.announce_uri, community, post.uri, at=post.published_at
                )
                items.append(_bare(boost))
        elif post.local:
            inner = _bare(_create(create, thing, post))
            outer = activities.announce(announce.uri, community, create.uri, at=post.published_at)
            items.append(_bare(outer) | {"object": inner})
        elif announce.body:
            items.append(orjson.Fragment(announce.body))
    return ordered_collection(
        community.outbox_uri or f"{community.uri}/outbox", items, _count(session, *here)
    )


def person_outbox(
    session: Session, person: Actor, uris: Uris, types: ObjectTypes
) -> dict[str, Any]:
    """The newest discussions that a person here has started, each as its `Create`."""
    theirs = (Post.author_id == person.id, *_STARTS)
    posts = _newest(session, *theirs)
    said = _about(session, [post.uri for post in posts], "Create")
    things = zip(posts, _things(session, posts, uris, types), strict=True)
    items = [
        _bare(_create(said[post.uri], thing, post)) for post, thing in things if post.uri in said
    ]
    return ordered_collection(
        person.outbox_uri or f"{person.uri}/outbox", items, _count(session, *theirs)
    )


def followers(session: Session, actor: Actor) -> dict[str, Any]:
    """How many belong to a community or follow a person; who they are is theirs to say."""
    community = session.get(Community, actor.id)
    total = community.members_count if community else count_followers(session, actor.id)
    return ordered_collection(activities.followers(actor), None, total)


def following(session: Session, actor: Actor) -> dict[str, Any]:
    """How many communities a person belongs to, and people they follow."""
    query = select(func.count()).where(
        Membership.actor_id == actor.id, Membership.standing == Standing.ACTIVE
    )
    total = (session.scalar(query) or 0) + count_followed(session, actor.id)
    return ordered_collection(f"{actor.uri}/following", None, total)


def moderators(session: Session, community: Actor) -> dict[str, Any]:
    """The stewards of a community, which Lemmy and PieFed take for its moderators."""
    people = [steward.uri for steward in stewards(session, community.id)]
    return ordered_collection(f"{community.uri}/moderators", people)


def featured(session: Session, community: Actor, uris: Uris, types: ObjectTypes) -> dict[str, Any]:
    """What stewards have pinned, the latest first, embedded: PieFed and Lemmy take no bare ids.

    Always in the native view, because one item that Lemmy cannot read costs it the collection.
    """
    here = (Post.community_id == community.id, Post.pinned_at.is_not(None), *_STARTS)
    query = select(Post).where(*here).order_by(Post.pinned_at.desc(), Post.id.desc())
    posts = session.scalars(query.limit(NEWEST)).all()
    return ordered_collection(f"{community.uri}/featured", _things(session, posts, uris, types))


def replies(session: Session, post: Post) -> dict[str, Any]:
    """The ids of the direct replies to a post, in order of time."""
    query = select(Post.uri).where(Post.parent_id == post.id, *_VISIBLE).order_by(Post.id)
    return ordered_collection(f"{post.uri}/replies", session.scalars(query).all())


def context(
    session: Session, root: Post, community: Actor, uris: Uris
) -> tuple[dict[str, Any], str]:
    """A conversation (FEP-7888, FEP-f228): its ids, the root first; and its entity tag."""
    members = ids_of(session, root.id)
    document = ordered_collection(
        f"{uris.post(root.id)}/context",
        members,
        attributedTo=community.uri,
        audience=community.uri,
        name=root.title,
    )
    return document, entity_tag(members)


def entity_tag(members: Iterable[str]) -> str:
    """NodeBB's tag of a conversation, whatever its order: XOR of the ids' SHA-256, in hex."""
    tag = 0
    for uri in members:
        tag ^= int.from_bytes(hashlib.sha256(uri.encode()).digest())
    return f"{tag:064x}"


def _newest(session: Session, *conditions: Any) -> Sequence[Post]:
    query = select(Post).where(*conditions).order_by(Post.id.desc()).limit(NEWEST)
    return session.scalars(query).all()


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count(Post.id)).where(*conditions)) or 0


def _things(
    session: Session, posts: Sequence[Post], uris: Uris, types: ObjectTypes
) -> list[dict[str, Any]]:
    views = views_of(session, posts, uris) if posts else []
    return [types.of_kind(view.post.kind).native(view) for view in views]


def _about(session: Session, uris: Sequence[str], type: str) -> dict[str, Activity]:
    """The first activity of this type about each of these ids."""
    if not uris:
        return {}
    query = select(Activity).where(Activity.object_uri.in_(uris), Activity.type == type)
    found = session.scalars(query.order_by(Activity.id.desc()))
    return {activity.object_uri or "": activity for activity in found}


def _create(said: Activity, thing: dict[str, Any], post: Post) -> dict[str, Any]:
    return write_activity(
        "Create",
        id=said.uri,
        actor=said.actor_uri,
        object=thing,
        to=thing["to"],
        cc=thing["cc"],
        audience=thing.get("audience"),
        published=post.published_at,
    )


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """Without its context: the collection has it."""
    return {name: value for name, value in document.items() if name != "@context"}
