"""What other servers are told of what stewards decide: taken out, restored, pinned, locked, roles.

| who decided | community | forum software hears | micro-blog software hears |
|---|---|---|---|
| a steward here | here | `Announce` around theirs | what is taken out and restored |
| a steward elsewhere | here | `Announce` around theirs, byte for byte | the same |
| a steward here | elsewhere | theirs, from that community | nothing |
| its host alone | elsewhere | nothing from us | nothing |

A `Lock` is not repeated as an `Update` with `commentsEnabled`: it would have to be signed by the
author, and who reads that field understands `Lock`; it stands in the post as it is fetched.
"""

from collections.abc import Callable
from typing import Any, cast

import orjson
from sqlalchemy import select

from fedcop.domain.communities.facts import StewardAppointed, StewardDismissed
from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import (
    PostLocked,
    PostPinned,
    PostRemoved,
    PostRestored,
    PostUnlocked,
    PostUnpinned,
)
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.posts.view import PostView, view_in, view_of
from fedcop.outbox import activities
from fedcop.outbox.dialects import Dialect
from fedcop.outbox.models import Lane
from fedcop.outbox.publish import Voice, bring, mint, say, tell
from fedcop.outbox.tell_posts import (
    boost,
    forward,
    forward_cause,
    forward_edit,
    take_back_boost,
)
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork

_Build = Callable[[Actor, Actor], dict[str, Any]]
"""From who says it and the community to the activity."""

NO_REASON = "Removed by the stewards."


class TellStewardship:
    """The reactions to what stewards decide; each knows the four cases of the table above."""

    def __init__(self, voice: Voice, types: ObjectTypes) -> None:
        self._voice, self._types = voice, types

    def removed(self, uow: UnitOfWork, fact: PostRemoved) -> None:
        """Stewards have taken it out of the community.

        Forum software is told by a `Delete` with a reason. Micro-blog software is told by the
        `Undo` of our boost and, of a local author's post, by an `Update` that says so: a `Delete`
        is final there. Source: Lemmy's and Mastodon's handling of both.
        """
        post = uow.get(Post, fact.post_id)
        summary = fact.reason or NO_REASON

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            return activities.delete(
                mint(uow), by, post.uri, community, at=uow.now, summary=summary
            )

        community = self._decided(uow, post.community_id, fact.by_id, post.uri, build)
        if not community.is_local:
            return
        take_back_boost(uow, post, community)
        if post.local:
            view = view_in(uow, post, ())
            shown = self._types.of_kind(post.kind).note(view)
            self._say_anew(uow, view, activities.taken_out(shown, post, uow.now))

    def restored(self, uow: UnitOfWork, fact: PostRestored) -> None:
        """What stewards took out stands again.

        Forum software undoes the `Delete`. Micro-blog software gets a new boost, because Mastodon
        remembers the old one as undone, and the words of a local author again. What an author
        elsewhere has changed meanwhile is passed on now.
        """
        post = uow.get(Post, fact.post_id)

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            document = _said(uow, by, "Delete", post.uri) or activities.delete(
                mint(uow), by, post.uri, community, at=uow.now, summary=NO_REASON
            )
            return activities.undo(mint(uow), document, to=[PUBLIC], cc=[community.uri])

        community = self._decided(uow, post.community_id, fact.by_id, post.uri, build)
        if not community.is_local or not post.is_visible:
            return
        uow.write()
        view = view_of(uow.session, post, uow.uris)
        if post.local:
            shown = self._types.of_kind(post.kind).note(view)
            self._say_anew(uow, view, activities.as_of(shown, uow.now))
        else:
            forward_edit(uow, post, community)
        if post.parent_id is None:
            boost(uow, post, view.author, community)

    def pinned(self, uow: UnitOfWork, fact: PostPinned) -> None:
        """A discussion stands first in its community."""
        self._pins(uow, fact, "Add")

    def unpinned(self, uow: UnitOfWork, fact: PostUnpinned) -> None:
        """It no longer does."""
        self._pins(uow, fact, "Remove")

    def locked(self, uow: UnitOfWork, fact: PostLocked) -> None:
        """Nobody can reply to it any more."""
        post = uow.get(Post, fact.post_id)

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            return activities.lock(
                mint(uow), by, post.uri, community, at=uow.now, summary=fact.reason
            )

        self._decided(uow, post.community_id, fact.by_id, post.uri, build)

    def unlocked(self, uow: UnitOfWork, fact: PostUnlocked) -> None:
        """It can be replied to again."""
        post = uow.get(Post, fact.post_id)

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            document = _said(uow, by, "Lock", post.uri) or activities.lock(
                mint(uow), by, post.uri, community, at=uow.now
            )
            return activities.undo(mint(uow), document, to=[PUBLIC], cc=[community.uri])

        self._decided(uow, post.community_id, fact.by_id, post.uri, build)

    def appointed(self, uow: UnitOfWork, fact: StewardAppointed) -> None:
        """Somebody looks after a community from now on."""
        self._roles(uow, fact, "Add")

    def dismissed(self, uow: UnitOfWork, fact: StewardDismissed) -> None:
        """Somebody no longer does."""
        self._roles(uow, fact, "Remove")

    def _pins(
        self, uow: UnitOfWork, fact: PostPinned | PostUnpinned, verb: activities.Change
    ) -> None:
        post = uow.get(Post, fact.post_id)

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            target = community.featured_uri or f"{community.uri}/featured"
            return activities.collection_change(
                verb, mint(uow), by, thing=post.uri, target=target, community=community, at=uow.now
            )

        self._decided(uow, post.community_id, fact.by_id, post.uri, build)

    def _roles(
        self, uow: UnitOfWork, fact: StewardAppointed | StewardDismissed, verb: activities.Change
    ) -> None:
        person = uow.get(Actor, fact.actor_id)

        def build(by: Actor, community: Actor) -> dict[str, Any]:
            target = community.moderators_uri or f"{community.uri}/moderators"
            return activities.collection_change(
                verb,
                mint(uow),
                by,
                thing=person.uri,
                target=target,
                community=community,
                at=uow.now,
            )

        self._decided(uow, fact.community_id, fact.by_id, person.uri, build, lane=Lane.CONTROL)

    def _decided(
        self,
        uow: UnitOfWork,
        community_id: int,
        by_id: int | None,
        about: str,
        build: _Build,
        *,
        lane: Lane = Lane.CONTENT,
    ) -> Actor:
        """Tell forum software what was decided about this id; the community that it concerns.

        It stays in the lane of what it is about, so that it cannot overtake that. What follows from
        something else that was passed on (a ban takes posts along) is not said again, but that
        somebody is no steward any more, because they left, the community says itself.
        """
        community = uow.get(Actor, community_id)
        by = uow.get(Actor, by_id) if by_id is not None else community
        if not community.is_local:
            if by.is_local:
                bring(uow, self._voice.say(uow, by, build(by, community)), [community], lane)
            return community
        if not by.is_local:
            passed_on = forward_cause(uow, community, lane, only_about=about)
            if passed_on or (uow.cause is not None and lane is not Lane.CONTROL):
                return community
            by = community
        forward(uow, community, self._voice.say(uow, by, build(by, community)), lane)
        return community

    def _say_anew(self, uow: UnitOfWork, view: PostView, shown: dict[str, Any]) -> None:
        """Tell micro-blog software how a local author's post reads now."""
        post = view.post
        starter = post.parent_id is None
        document = activities.update(mint(uow), view.author, shown, uow.now)
        said = say(uow, document, for_microblogs=starter)
        audience = view.community.id if starter else None
        tell(uow, said, community_id=audience, post_id=post.id, dialect=Dialect.MICROBLOG)


def _said(uow: UnitOfWork, by: Actor, verb: str, post_uri: str) -> dict[str, Any] | None:
    """What this steward of ours last said of the kind about a post, as it was told."""
    query = (
        select(Activity.body)
        .where(Activity.object_uri == post_uri, Activity.type == verb)
        .where(Activity.actor_uri == by.uri, Activity.local)
        .order_by(Activity.id.desc())
    )
    body = uow.session.scalar(query.limit(1))
    if not body:
        return None
    document = cast("dict[str, Any]", orjson.loads(body))
    document.pop("proof", None)
    return document
