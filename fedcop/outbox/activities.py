"""The JSON of what we say: one builder for each activity, addressed as every peer reads it.

Sources: `Create`, `Update` as FEP-1b12 and Lemmy have them (`to` names the community and the
public, `cc` its followers and whoever is answered or named), the two forms of `Announce` (of an
activity for forum software, of an id for micro-blogs), `Delete` with an id or a Tombstone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

import orjson

from fedcop.activitypub.vocab.write import activity, exactly, timestamp
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.uris import PUBLIC

Document = dict[str, Any]
Change = Literal["Add", "Remove"]

REMOVED = "<p>The stewards of this community have removed this post.</p>"


def followers(actor: Actor) -> str:
    """The collection of those who listen to an actor."""
    return actor.followers_uri or f"{actor.uri}/followers"


def create(uri: str, author: Actor, thing: Mapping[str, Any], at: datetime) -> Document:
    """`thing` (without @context) is said for the first time."""
    return _about_words("Create", uri, author, thing, at)


def update(uri: str, author: Actor, thing: Mapping[str, Any], at: datetime) -> Document:
    """`thing` is said anew, whole; its `updated` is set."""
    return _about_words("Update", uri, author, thing, at)


def _about_words(
    type: str, uri: str, author: Actor, thing: Mapping[str, Any], at: datetime
) -> Document:
    tags = cast("Sequence[Mapping[str, Any]]", thing.get("tag") or ())
    return activity(
        type,
        id=uri,
        actor=author.uri,
        object=thing,
        to=thing["to"],
        cc=thing["cc"],
        audience=thing.get("audience"),
        published=at,
        tag=[tag for tag in tags if tag.get("type") == "Mention"],
    )


def delete(
    uri: str,
    actor: Actor,
    object: str | Mapping[str, Any],
    community: Actor,
    *,
    at: datetime,
    summary: str | None = None,
) -> Document:
    """A post is taken back by its author, or taken out by `actor`.

    With a `summary` Lemmy reads it as the removal by a moderator. `object` is the id, or for
    micro-blog software the Tombstone.
    """
    return activity(
        "Delete",
        id=uri,
        actor=actor.uri,
        object=object,
        to=[PUBLIC],
        cc=[community.uri],
        audience=community.uri,
        published=at,
        summary=summary,
    )


def vote(
    uri: str, actor: Actor, post_uri: str, value: int, community: Actor, *, context: bool = True
) -> Document:
    """`Like` (helpful) or `Dislike` of a post, addressed to its community alone."""
    return activity(
        "Like" if value > 0 else "Dislike",
        id=uri,
        actor=actor.uri,
        object=post_uri,
        to=[community.uri],
        audience=community.uri,
        context=context,
    )


def lock(
    uri: str, actor: Actor, post_uri: str, community: Actor, *, at: datetime, summary: str = ""
) -> Document:
    """Nobody can reply to a post any more, for the reason in `summary` (Lemmy, PieFed, Mbin)."""
    return activity(
        "Lock",
        id=uri,
        actor=actor.uri,
        object=post_uri,
        to=[PUBLIC],
        cc=[community.uri],
        audience=community.uri,
        published=at,
        summary=summary or None,
    )


def collection_change(
    type: Change,
    uri: str,
    actor: Actor,
    *,
    thing: str,
    target: str,
    community: Actor,
    at: datetime,
) -> Document:
    """Something joins a collection of the community, or leaves it: its stewards, what is pinned.

    Both are plain ids: Lemmy, PieFed and Mbin read no embedded object here.
    """
    return activity(
        type,
        id=uri,
        actor=actor.uri,
        object=thing,
        target=target,
        to=[PUBLIC],
        cc=[community.uri],
        audience=community.uri,
        published=at,
    )


def undo(uri: str, undone: Mapping[str, Any], *, to: Sequence[str], cc: Sequence[str]) -> Document:
    """Take back `undone`, embedded whole: PieFed, Mbin and NodeBB read `object.object`."""
    inner = {name: value for name, value in undone.items() if name != "@context"}
    return activity(
        "Undo",
        id=uri,
        actor=undone["actor"],
        object=inner,
        to=to,
        cc=cc,
        audience=undone.get("audience"),
    )


def follow(uri: str, actor: Actor, community_uri: str, *, context: bool = True) -> Document:
    """Ask to belong to a community."""
    return activity(
        "Follow",
        id=uri,
        actor=actor.uri,
        object=community_uri,
        to=[community_uri],
        context=context,
    )


def accept(uri: str, community: Actor, follower: Actor, follow_uri: str) -> Document:
    """Answer a Follow, embedded with what Lemmy compares: its id, actor and object."""
    asked = follow(follow_uri, follower, community.uri, context=False)
    return activity("Accept", id=uri, actor=community.uri, object=asked, to=[follower.uri])


def announce(
    uri: str, community: Actor, object_uri: str, *, at: datetime, cc: Sequence[str] = ()
) -> Document:
    """A community passes on what has this id; `around` puts the thing itself in its place."""
    return activity(
        "Announce",
        id=uri,
        actor=community.uri,
        object=object_uri,
        to=[PUBLIC],
        cc=[followers(community), *cc],
        published=at,
    )


def around(document: Mapping[str, Any], inner: bytes) -> bytes:
    """The JSON of `document` with `inner`, byte for byte, as its object: proofs in it hold."""
    return orjson.dumps({**document, "object": orjson.Fragment(inner)})


def actor_update(uri: str, document: Mapping[str, Any], to_also: Sequence[str] = ()) -> Document:
    """An actor has changed: `document` is what its id answers now."""
    inner = {name: value for name, value in document.items() if name != "@context"}
    said = activity(
        "Update",
        id=uri,
        actor=inner["id"],
        object=inner,
        to=[PUBLIC, *to_also],
        cc=[inner["followers"]] if inner.get("followers") else [],
    )
    return {**said, "@context": document["@context"]}


def taken_out(thing: Mapping[str, Any], post: Post, at: datetime) -> Document:
    """The Note view of a post that stewards removed: the same id, which now says so.

    Micro-blog software gets it as an `Update`, because a `Delete` is final there, and the removal
    may be taken back.
    """
    kept = ("id", "type", "attributedTo", "inReplyTo", "context", "to", "cc", "audience")
    document = {name: thing[name] for name in kept if name in thing}
    return document | {
        "content": REMOVED,
        "published": timestamp(post.published_at),
        "updated": exactly(at),
        "attachment": [],
        "tag": [],
    }


def block(
    uri: str,
    by: Actor,
    person: Actor,
    community: Actor,
    *,
    reason: str = "",
    until: datetime | None = None,
    with_posts: bool = False,
    context: bool = True,
) -> Document:
    """A steward bans somebody from a community, as Lemmy, PieFed and Mbin read it.

    Mastodon reads every `Block` as personal and knows no `target`: it must never get one.
    """
    document = activity(
        "Block",
        id=uri,
        actor=by.uri,
        object=person.uri,
        to=[PUBLIC],
        cc=[community.uri],
        audience=community.uri,
        target=community.uri,
        summary=reason or None,
        context=context,
        removeData=with_posts,
    )
    return document if until is None else document | {"endTime": timestamp(until)}


def flag(uri: str, reporter: Actor, post_uri: str, community: Actor, words: str) -> Document:
    """Somebody reports a post to the stewards of its community: to nobody else, not in public.

    Lemmy reads one object, exactly one recipient, and the words in `summary` (or `content`).
    """
    return activity(
        "Flag",
        id=uri,
        actor=reporter.uri,
        object=post_uri,
        to=[community.uri],
        audience=community.uri,
        summary=words,
        content=words,
    )


def flag_of_server(uri: str, site_uri: str, things: Sequence[str], to: str, words: str) -> Document:
    """This server tells another that somebody here reports one of its people, and not who.

    `things` are the person and what they wrote, in one list: Mastodon and GoToSocial read it so.
    """
    return activity("Flag", id=uri, actor=site_uri, object=things, to=[to], content=words)


def as_of(thing: Mapping[str, Any], at: datetime) -> Document:
    """The same view with a newer `updated`: micro-blog software reads an `Update` only then."""
    return {**thing, "updated": exactly(at)}
