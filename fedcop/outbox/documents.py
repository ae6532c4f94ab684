"""What a GET of one of our ids answers, as plain data, in the view of whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.write import ACTOR_CONTEXT, CONTEXT, tombstone
from fedcop.domain.communities.federation import group_document
from fedcop.domain.communities.models import Community
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.federation import actor_document, published_keys
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.federation import tombstone_of
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.posts.view import view_of
from fedcop.errors import NotFound
from fedcop.ids import minted_at
from fedcop.outbox import collections
from fedcop.outbox.activities import taken_out
from fedcop.outbox.dialects import FORUM, Dialect, Manner, View, of_user_agent
from fedcop.uris import Kind, Local, Uris

_NOT_HERE = "There is nothing at this address."


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: how their software is spoken to, and whether it was recognised at all."""

    manner: Manner = FORUM
    recognised: bool = False


NOBODY = Asker()


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of a document and how to send it: 410 with a Tombstone for what is deleted."""

    body: bytes
    status: int = 200
    etag: str | None = None
    private: bool = False
    """It was made for this asker, so a shared cache must not keep it."""


def view_for(session: Session, user_agent: str, key_host: str | None = None) -> Asker:
    """How to speak to whoever asks, by the product in `User-Agent`, else by what the host of
    their signature's `keyId` runs. A hint, which needs no verified signature. What an admin has
    said about that host stands above both.
    """
    manner = of_user_agent(user_agent)
    if key_host:
        query = select(Host.dialect, Host.view, Host.manner_fixed)
        row = session.execute(query.where(Host.name == key_host.lower())).first()
        known = row is not None and row.dialect is not None and row.view is not None
        if row is not None and known and (manner is None or row.manner_fixed):
            manner = Manner(Dialect(row.dialect), View(row.view))
    return NOBODY if manner is None else Asker(manner, recognised=True)


class Documents:
    """Every document of this server: its people, communities, posts and activities."""

    def __init__(self, uris: Uris, types: ObjectTypes) -> None:
        self._uris, self._types = uris, types

    def answer(self, session: Session, asked: Local, asker: Asker = NOBODY) -> Answer:
        """The document of an id that `Uris.recognise` took apart, or of a collection below it.

        Raises NotFound for what is not here, not ours, or not for this asker.
        """
        if asked.kind is Kind.SITE:
            return self.actor(session, self._uris.site)
        if asked.kind is Kind.PERSON:
            return self.actor(session, self._uris.person(asked.name), asked.part)
        if asked.kind is Kind.COMMUNITY:
            return self.actor(session, self._uris.community(asked.name), asked.part)
        if asked.kind is Kind.ACTIVITY:
            return self.activity(session, asked.id, asker)
        starter = asked.kind is Kind.POST
        if asked.part:
            return self.conversation(session, asked.id, asked.part, starter=starter)
        return self.post(session, asked.id, asker, starter=starter)

    def actor(self, session: Session, uri: str, part: str = "") -> Answer:
        """A person, a community, the server itself, or one of their collections."""
        found = session.scalar(select(Actor).where(Actor.uri == uri, Actor.host_id.is_(None)))
        if found is None:
            raise NotFound(_NOT_HERE)
        if found.deleted_at is not None:
            return _gone(self._grave(session, found))
        community = session.get(Community, found.id) if found.type == "Group" else None
        if not part:
            if community is not None:
                return _ok(group_document(session, community, found, self._uris))
            return _ok(actor_document(session, found, self._uris))
        return _ok(self._collection(session, found, part, is_group=community is not None))

    def _grave(self, session: Session, actor: Actor) -> dict[str, Any]:
        """A Tombstone, in which the keys stand until all have heard that the actor is gone: who
        has to look for the key can then still verify their last words.
        """
        grave = tombstone(actor.uri, actor.type, deleted=actor.deleted_at)
        keys = published_keys(session, actor)
        return grave | keys | {"@context": ACTOR_CONTEXT} if keys else grave

    def _collection(
        self, session: Session, actor: Actor, part: str, *, is_group: bool
    ) -> dict[str, Any]:
        if part == "followers":
            return collections.followers(session, actor)
        if part == "outbox":
            make = collections.community_outbox if is_group else collections.person_outbox
            return make(session, actor, self._uris, self._types)
        if part == "moderators" and is_group:
            return collections.moderators(session, actor)
        if part == "featured" and is_group:
            return collections.featured(session, actor, self._uris, self._types)
        if part == "following" and not is_group:
            return collections.following(session, actor)
        raise NotFound(_NOT_HERE)

    def post(
        self, session: Session, row_id: int, asker: Asker = NOBODY, *, starter: bool
    ) -> Answer:
        """A post of somebody here. What stewards removed is a Tombstone for forum software, and
        says so in words for micro-blog software, which would never take it back otherwise.
        """
        found = session.get(Post, row_id)
        if found is None or not found.local or (found.parent_id is None) is not starter:
            raise NotFound(_NOT_HERE)
        as_note = asker.manner.view is View.NOTE
        if found.deleted_at is not None or (found.removed_at is not None and not as_note):
            return _gone(tombstone_of(found), private=asker.recognised)
        noun, view = self._types.of_kind(found.kind), view_of(session, found, self._uris)
        document = noun.note(view) if as_note else noun.native(view)
        if found.removed_at is not None:
            document = taken_out(document, found, found.removed_at)
        return _ok({"@context": list(CONTEXT), **document}, private=asker.recognised)

    def activity(self, session: Session, row_id: int, asker: Asker = NOBODY) -> Answer:
        """Something that was said here, as it was sent.

        Micro-blog software finds only what tells of thread starters: Mastodon boosts every
        `Create` that it can fetch, and Lemmy wraps our members' replies so.
        """
        found = session.get(Activity, row_id)
        if found is None or not found.local or _is_report(session, found):
            raise NotFound(_NOT_HERE)
        if asker.manner.dialect is Dialect.MICROBLOG and not found.for_microblogs:
            raise NotFound(_NOT_HERE)
        if not found.body or _is_departed(session, found):
            return _gone(tombstone(found.uri, found.type), private=asker.recognised)
        if found.type in {"Create", "Update", "Announce"} and _is_hidden(session, found):
            raise NotFound(_NOT_HERE)
        as_note = asker.manner.view is View.NOTE and found.note_body is not None
        body = found.note_body if as_note else found.body
        return Answer(body or b"", private=asker.recognised)

    def conversation(self, session: Session, row_id: int, part: str, *, starter: bool) -> Answer:
        """`replies` of a post of ours; `context` of a thread of ours, with its entity tag."""
        found = session.get(Post, row_id)
        if found is None or (found.parent_id is None) is not starter or not found.is_visible:
            raise NotFound(_NOT_HERE)
        community = session.get_one(Actor, found.community_id)
        if part == "context" and starter and (found.local or community.is_local):
            document, tag = collections.context(session, found, community, self._uris)
            return _ok(document, etag=tag)
        if part == "replies" and found.local:
            return _ok(collections.replies(session, found))
        raise NotFound(_NOT_HERE)


def _is_report(session: Session, said: Activity) -> bool:
    """Whether it tells of a report: that is for those to whom it was sent, and for nobody else."""
    thing: object = {"type": said.type}
    if said.type in {"Announce", "Undo"} and said.body:
        thing = orjson.loads(said.body)  # the journal may have forgotten what is inside
    while isinstance(thing, dict):
        about = cast("dict[str, object]", thing)
        if about.get("type") == "Flag":
            return True
        thing = about.get("object")
    if not isinstance(thing, str):
        return False
    return session.scalar(select(Activity.type).where(Activity.uri == thing)) == "Flag"


def _is_departed(session: Session, said: Activity) -> bool:
    """Whether it tells of somebody who has deleted their account: only that is still answered."""
    if said.type == "Delete":
        return False
    gone = select(Actor.id).where(Actor.deleted_at.is_not(None), Actor.host_id.is_(None))
    inner = select(Activity.actor_uri).where(
        Activity.uri == said.object_uri, Activity.type != "Delete"
    )
    about = or_(Actor.uri == said.actor_uri, Actor.uri.in_(inner))
    return session.scalar(gone.where(about).limit(1)) is not None


def _is_hidden(session: Session, said: Activity) -> bool:
    """Whether it carries or names a post that may not be shown any more.

    The `Update` by which its removal was told is younger than the removal.
    """
    about = said.object_uri
    if said.type == "Announce":
        inner = select(Activity.object_uri).where(
            Activity.uri == about, Activity.type.in_(("Create", "Update"))
        )
        about = session.scalar(inner) or about
    post = session.scalar(select(Post).where(Post.uri == about))
    if post is None or post.is_visible:
        return False
    removed_at = post.removed_at if post.deleted_at is None else None
    if said.type != "Update" or removed_at is None:
        return True
    return minted_at(said.id) < removed_at - timedelta(milliseconds=1)


def _ok(document: Mapping[str, Any], *, etag: str | None = None, private: bool = False) -> Answer:
    return Answer(orjson.dumps(document), etag=etag, private=private)


def _gone(document: Mapping[str, Any], *, private: bool = False) -> Answer:
    return Answer(orjson.dumps(document), status=410, private=private)
