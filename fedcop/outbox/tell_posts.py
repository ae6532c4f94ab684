"""What other servers are told when something is said, edited or deleted.

| author | community | forum software hears | micro-blog software hears |
|---|---|---|---|
| here | here | `Announce` around ours | starters: `Announce{id}`; those it concerns: ours |
| here | elsewhere | ours, from that community | those it concerns: ours |
| elsewhere | here | `Announce` around theirs, byte for byte | starters: `Announce{id}` |
| elsewhere | elsewhere | nothing from us | nothing from us |
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import select

from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import (
    PostCopied,
    PostDeleted,
    PostEdited,
    PostPublished,
)
from fedcop.domain.posts.federation import tombstone_of
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.posts.view import PostView, view_in
from fedcop.outbox import activities
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.followers import tell_followers
from fedcop.outbox.models import Lane
from fedcop.outbox.publish import Voice, bring, forget_words, known_at, mint, say, tell
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork

_Build = Callable[[str, Actor, Mapping[str, Any], datetime], dict[str, Any]]


class TellPosts:
    """The reactions to facts about posts; each knows the four cases of the table above."""

    def __init__(self, voice: Voice, types: ObjectTypes) -> None:
        self._voice, self._types = voice, types

    def published(self, uow: UnitOfWork, fact: PostPublished) -> None:
        """Somebody has said something."""
        post = uow.get(Post, fact.post_id)
        community = uow.get(Actor, post.community_id)
        if not post.local:
            if community.is_local:
                _pass_on(uow, post, community)
            return
        view = view_in(uow, post, fact.mentioned)
        said = self._say_words(uow, view, activities.create)
        _send(uow, view, said, follow_up=False)
        if community.is_local and post.parent_id is None:
            boost(uow, post, view.author, community)

    def edited(self, uow: UnitOfWork, fact: PostEdited) -> None:
        """The author has changed the words.

        What the stewards took out stays as it was told, until it stands again: `forward_edit`.
        """
        post = uow.get(Post, fact.post_id)
        if post.removed_at is not None:
            return
        community = uow.get(Actor, post.community_id)
        if not post.local:
            if community.is_local:
                forward_cause(uow, community)
            return
        view = view_in(uow, post, fact.mentioned)
        said = self._say_words(uow, view, activities.update)
        _send(uow, view, said, follow_up=True)

    def deleted(self, uow: UnitOfWork, fact: PostDeleted) -> None:
        """The author has taken it back.

        A `Delete` waits in the same lane as what it deletes: overtaking would bring it back to
        life on servers that do not remember what they have never seen.
        """
        post = uow.get(Post, fact.post_id)
        community = uow.get(Actor, post.community_id)
        forget_words(uow, post)
        if not post.local:
            if community.is_local:
                forward_cause(uow, community, only_about=post.uri)
                take_back_boost(uow, post, community)
            return
        view = view_in(uow, post, ())
        uri, grave = mint(uow), tombstone_of(post)
        grave.pop("@context", None)
        said = self._voice.say(
            uow,
            view.author,
            activities.delete(uri, view.author, post.uri, community, at=uow.now),
            note=activities.delete(uri, view.author, grave, community, at=uow.now),
        )
        _send(uow, view, said, follow_up=True)

    def copied(self, uow: UnitOfWork, fact: PostCopied) -> None:
        """Nothing is said now; its `Update` and `Delete` will go there, too."""
        known_at(uow, uow.get(Post, fact.post_id), [uow.get(Actor, fact.actor_id)])

    def _say_words(self, uow: UnitOfWork, view: PostView, build: _Build) -> Activity:
        noun = self._types.of_kind(view.post.kind)
        starter = view.post.parent_id is None
        uri = mint(uow)
        return self._voice.say(
            uow,
            view.author,
            build(uri, view.author, noun.native(view), uow.now),
            note=build(uri, view.author, noun.note(view), uow.now) if starter else None,
            for_microblogs=starter,
        )


def forward(uow: UnitOfWork, community: Actor, said: Activity, lane: Lane = Lane.CONTENT) -> None:
    """Tell forum software what one of ours said, inside an `Announce` of the community."""
    _wrap(uow, community, said.uri, said.body, lane)


def forward_cause(
    uow: UnitOfWork,
    community: Actor,
    lane: Lane = Lane.CONTENT,
    *,
    only_about: str | None = None,
) -> bool:
    """Tell forum software what another server said, byte for byte; False if nothing was said.

    With `only_about` it must name this object, or undo something that does: the `Delete` of a whole
    actor, which takes its posts along, is not repeated for each of them.
    """
    if uow.cause is None:
        return False
    cause = cast("dict[str, Any]", orjson.loads(uow.cause))
    if only_about is not None and not _is_about(cause, only_about):
        return False
    _wrap(uow, community, cause["id"], uow.cause, lane)
    return True


def forward_edit(uow: UnitOfWork, post: Post, community: Actor) -> None:
    """Tell forum software what the author elsewhere made of a post while it was taken out.

    Of several edits only the newest, as it came; nothing, if that was passed on before, or is so
    long ago that the journal has forgotten it word for word.
    """
    author = uow.get(Actor, post.author_id)
    edits = select(Activity.uri, Activity.body).where(
        Activity.object_uri == post.uri,
        Activity.type == "Update",
        Activity.actor_uri == author.uri,
    )
    newest = uow.session.execute(edits.order_by(Activity.id.desc()).limit(1)).one_or_none()
    if newest is None or not newest.body:
        return
    told = select(Activity.id).where(
        Activity.object_uri == newest.uri,
        Activity.type == "Announce",
        Activity.actor_uri == community.uri,
    )
    if uow.session.scalar(told.limit(1)) is None:
        _wrap(uow, community, newest.uri, newest.body, Lane.CONTENT)


def _wrap(uow: UnitOfWork, community: Actor, uri: str, inner: bytes, lane: Lane) -> None:
    document = activities.announce(mint(uow), community, uri, at=uow.now)
    said = say(uow, document, inner=inner)
    tell(uow, said, community_id=community.id, dialect=Dialect.FORUM, lane=lane)


def _send(uow: UnitOfWork, view: PostView, said: Activity, *, follow_up: bool) -> None:
    """Bring what a local author said to the community, to people it concerns, and to followers.

    `follow_up` is for what concerns an earlier post: whoever knows it has to hear.
    """
    post, community = view.post, view.community
    if community.is_local:
        forward(uow, community, said)
    else:
        bring(uow, said, [community])
    people = [*view.mentioned]
    if view.parent_author is not None:
        people.append(view.parent_author)
    afar = [person for person in people if not person.is_local]
    known_at(uow, post, afar)
    followed = tell_followers(uow, said, post, community, follow_up=follow_up)
    starter = post.parent_id is None
    audience = community.id if follow_up and starter and community.is_local else None
    if afar or follow_up or followed:
        tell(uow, said, community_id=audience, post_id=post.id, dialect=Dialect.MICROBLOG)


def _pass_on(uow: UnitOfWork, post: Post, community: Actor) -> None:
    """A community of ours has taken a post of another server."""
    author = uow.get(Actor, post.author_id)
    if not forward_cause(uow, community):
        said = say(uow, activities.announce(mint(uow), community, post.uri, at=uow.now))
        tell(uow, said, community_id=community.id, dialect=Dialect.FORUM)
    if post.parent_id is None:
        known_at(uow, post, [author])  # the boost is also the author's receipt
        boost(uow, post, author, community)
        return
    parent = uow.get(Post, post.parent_id)
    if parent.local:
        known_at(uow, parent, [author])


def boost(uow: UnitOfWork, post: Post, author: Actor, community: Actor) -> None:
    """Tell micro-blog software of a thread starter, by its id.

    Never older than the post (Misskey drops that); each time under a new id (Mastodon remembers).
    """
    uri = mint(uow)
    at = max(uow.now, post.published_at)
    document = activities.announce(uri, community, post.uri, at=at, cc=[author.uri])
    said = say(uow, document, for_microblogs=True)
    post.announce_uri = uri
    origin = None if post.local else post.id
    tell(uow, said, community_id=community.id, post_id=origin, dialect=Dialect.MICROBLOG)


def take_back_boost(uow: UnitOfWork, post: Post, community: Actor) -> None:
    if post.announce_uri is None:
        return
    boost = {
        "id": post.announce_uri,
        "type": "Announce",
        "actor": community.uri,
        "object": post.uri,
    }
    document = activities.undo(mint(uow), boost, to=[PUBLIC], cc=[activities.followers(community)])
    said = say(uow, document)
    origin = None if post.local else post.id
    tell(uow, said, community_id=community.id, post_id=origin, dialect=Dialect.MICROBLOG)
    post.announce_uri = None


def _is_about(cause: dict[str, Any], uri: str) -> bool:
    """Whether this names the id as its object, or undoes what does; an Undo may name only an id."""
    thing = cause.get("object")
    if cause.get("type") != "Undo":
        return _id_of(thing) == uri
    return not isinstance(thing, dict) or _is_about(cast("dict[str, Any]", thing), uri)


def _id_of(thing: object) -> object:
    return cast("dict[str, Any]", thing).get("id") if isinstance(thing, dict) else thing
