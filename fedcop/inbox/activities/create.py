"""Create: somebody elsewhere starts a discussion or replies."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fedcop.activitypub.vocab.activities import Create
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.queries import has_local_members
from fedcop.domain.network.hosts import host_of
from fedcop.domain.network.tombstones import is_buried
from fedcop.domain.people.models import Actor
from fedcop.domain.people.relation import has_followers_here
from fedcop.domain.posts.adopt import stand_in, take_place
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.remove import remove
from fedcop.domain.posts.words import Origin, Words
from fedcop.errors import Gone, NotAllowed, NotTheirs
from fedcop.inbox.inbound import Awaiting, Inbound, Means
from fedcop.inbox.needs import is_anothers, places, with_objects
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork


def create(uow: UnitOfWork, inbound: Inbound[Create], means: Means) -> bool:
    """Publish it, if it is public and its community is ours or one that we listen to.

    Raises Awaiting until what it answers is here, NotTheirs if a community announces a post that
    does not belong to it.
    """
    wire = inbound.activity.object
    if not isinstance(wire, Object) or wire.id is None:
        return False
    author = author_of(uow, inbound, wire)
    if uow.find(Post, wire.id) is not None or is_buried(uow, wire.id, author.uri):
        return False
    if not is_public(inbound.activity, wire):
        return False
    named = tuple(places(*with_objects(inbound.activity)))
    place = place_of(uow, wire, named, inbound.via, orphan=inbound.orphan)
    if place is None:
        return False
    community, parent = place
    if inbound.via is None and not (community.local or _is_for_us(uow, community, author, parent)):
        return False  # its community will announce it, or does not want it
    return publish(uow, wire, author, place, means, received_at=inbound.received_at) is not None


def author_of(uow: UnitOfWork, inbound: Inbound[Any], wire: Object) -> Actor:
    """Whose it is: the speaker's, or of the group for which the speaker's own host shows it.

    Raises as `Inbound.speaker`, the same for that group, and NotTheirs for who is no group.
    """
    speaker = inbound.speaker
    if not is_anothers(inbound.activity, wire):
        return speaker
    author = uow.find(Actor, wire.author or "")
    if author is None or author.type != "Group":
        raise NotTheirs(f"“object.attributedTo” is {wire.author}, not {speaker.uri}.")
    if author.deleted_at is not None:
        raise Gone(f"{author.uri} has been deleted.")
    if author.suspended_at is not None:
        raise NotAllowed(f"{author.uri} is suspended here.")
    return author


def is_public(*things: Object) -> bool:
    """Whether one of these, an activity or its object, is said to everybody.

    So is what names a community in `audience` and has no `to` and `cc` at all: Discourse serves its
    posts like this.
    """
    if any(PUBLIC in (*thing.to, *thing.cc) for thing in things):
        return True
    addressed = any("to" in thing.raw or "cc" in thing.raw for thing in things)
    return not addressed and any(thing.audience for thing in things)


def place_of(
    uow: UnitOfWork,
    wire: Object,
    named: tuple[str, ...],
    via: Actor | None,
    *,
    orphan: bool = False,
) -> tuple[Community, Post | None] | None:
    """The community of a post and what it answers: audience, to, cc, mentions, then the thread.

    None if no community that we know is meant. `via` announced it, and must be the one meant. An
    `orphan` answers what cannot be had: then the post is None, too. Raises Awaiting otherwise.
    """
    parent = uow.find(Post, wire.in_reply_to) if wire.in_reply_to else None
    if parent is not None:
        community = uow.look_up(Community, parent.community_id)
    else:
        community = next((c for uri in named if (c := _community(uow, uri))), None)
        if via is not None and via.uri in named:
            community = _community(uow, via.uri)
    if via is not None and (community is None or community.actor_id != via.id):
        if community is None and wire.in_reply_to and not orphan:
            raise Awaiting(wire.in_reply_to)
        raise NotTheirs(f"{wire.id} does not say that it belongs to {via.uri}.")
    if wire.in_reply_to and parent is None and community is not None and not orphan:
        raise Awaiting(wire.in_reply_to)
    return None if community is None else (community, parent)


def publish(
    uow: UnitOfWork,
    wire: Object,
    author: Actor,
    place: tuple[Community, Post | None],
    means: Means,
    *,
    received_at: datetime,
) -> Post | None:
    """Write the post; None for a type of which nothing here is made, and of who is suspended.

    What answers something that cannot be had stands under a placeholder for that.
    """
    community, parent = place
    if wire.type not in means.objects or wire.id is None or author.suspended_at is not None:
        return None
    words = words_of(uow, wire, means)
    origin = Origin(
        uri=wire.id,
        type=wire.type,
        published_at=min(wire.published or received_at, received_at),
        edited_at=min(wire.updated, received_at) if wire.updated else None,
        url=wire.url,
    )
    taken_out = is_buried(uow, wire.id, uow.get(Actor, community.actor_id).uri)
    if taken_out and community.local:
        raise Gone("The stewards took this out of the community before it came.")
    if parent is None and wire.in_reply_to:
        parent = stand_in(uow, wire.in_reply_to, community, wire.context)
    if parent is not None:
        post = reply(uow, author, parent, replace(words, title=""), origin)
    else:
        post = start(uow, author, community, words, origin)
    if taken_out:
        remove(uow, post)
    take_place(uow, post)
    _keep_locked(uow, post, community, wire)
    return post


def _keep_locked(uow: UnitOfWork, post: Post, community: Community, wire: Object) -> None:
    """A discussion that was locked before it came here: on its own host a community says so.

    Nothing is told of it: that is how it stands there, not something that happens now.
    """
    group = uow.get(Actor, community.actor_id)
    theirs = not community.local and host_of(post.uri) == host_of(group.uri)
    if theirs and post.is_starter and wire.comments_enabled is False:
        post.locked_at = post.locked_at or uow.now


def words_of(uow: UnitOfWork, wire: Object, means: Means) -> Words:
    """What a document says, by the noun that reads its type. Raises Unsupported, Malformed."""
    hrefs = (tag.href for tag in wire.tags if tag.type == "Mention" and tag.href)
    people = (uow.find(Actor, href) for href in dict.fromkeys(hrefs))
    mentioned = tuple(one.id for one in people if one is not None and one.type != "Group")
    return means.objects[wire.type].words(wire, mentioned)


def _community(uow: UnitOfWork, uri: str) -> Community | None:
    group = uow.find(Actor, uri)
    if group is None or group.type != "Group":
        return None
    return uow.look_up(Community, group.id)


def _is_for_us(uow: UnitOfWork, community: Community, author: Actor, parent: Post | None) -> bool:
    """Whether a post in a community elsewhere counts before its community announces it.

    It does as an answer to somebody here; and from the community's own host, if anybody here
    belongs to the community or follows who says it.
    """
    if parent is not None and parent.local:
        return True
    if uow.get(Actor, community.actor_id).host_id != author.host_id:
        return False
    place = community.actor_id
    return has_local_members(uow.session, place) or has_followers_here(uow.session, author.id)
