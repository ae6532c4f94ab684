"""From an address to its row: asked of its own host, checked, and stored with what it stands on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.client import Document
from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab import actors as vocab
from fedcop.activitypub.vocab.activities import Activity, Create
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.webfinger import Handle, look_up, parse_handle
from fedcop.app import App
from fedcop.domain.communities.federation import remember_actor
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle
from fedcop.domain.posts.models import Post
from fedcop.errors import Gone, Malformed, NotAllowed, NotFound, NotTheirs, TooMany
from fedcop.inbox import messages
from fedcop.inbox.activities.create import is_public, place_of, publish
from fedcop.inbox.authority import check_copy
from fedcop.inbox.inbound import Means
from fedcop.inbox.needs import places
from fedcop.net.urls import canonical_url, host_of
from fedcop.work.unit_of_work import UnitOfWork

MOST_ANCESTORS = 50
_MOST_CANDIDATES = 5
FoundKind = Literal["person", "community", "discussion", "reply"]


@dataclass(frozen=True, slots=True)
class Found:
    """What an address or a handle turned out to be: its kind and its row id."""

    kind: FoundKind
    id: int


class Budget:
    """How many documents one activity, or one search, may make us fetch."""

    def __init__(self, fetches: int = 100) -> None:
        self.left = fetches

    def take(self) -> None:
        """Use one. Raises TooMany when none is left; what was fetched until then is stored."""
        if self.left <= 0:
            raise TooMany("This needs more documents than we fetch at once; the rest comes later.")
        self.left -= 1


class Resolver:
    """Fetches, signed by the server itself, and stores each thing in a small unit of its own.

    `on_actor` are called with every actor that was read, so that caches of keys can follow.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.means = Means(app.objects, app.settings.secret.encode())
        self.on_actor: list[Callable[[str], None]] = []
        self._asking: dict[str, asyncio.Task[int]] = {}

    async def fetch(self, uri: str, budget: Budget | None = None) -> Document:
        """The document of another server. Raises as `ActivityPubClient.get`; NotFound for ours."""
        if self.app.uris.is_local(uri):
            raise NotFound(f"{uri} is not here.")
        if budget is not None:
            budget.take()
        return await self.app.client.get(uri, await self.app.site_key())

    async def actor(self, uri: str, *, refresh: bool = False, budget: Budget | None = None) -> int:
        """The row id of an actor, fetched from its own id if we do not know it, or `refresh`.

        Who asks for one that is being fetched waits for the same answer.

        Raises as `fetch`, and Malformed or NotTheirs for a document that is no actor of its host.
        """
        known = await self.app.read(partial(_actor_id, uri=uri))
        if known is not None and (not refresh or self.app.uris.is_local(uri)):
            return known
        asking = self._asking.get(uri)
        if asking is None:
            asking = asyncio.create_task(self._ask_actor(uri, budget))
            self._asking[uri] = asking
            asking.add_done_callback(partial(self._asked, uri))
        return await asyncio.shield(asking)

    async def _ask_actor(self, uri: str, budget: Budget | None) -> int:
        document = await self.fetch(uri, budget)
        wire = parse(document.json)
        if not isinstance(wire, vocab.Actor):
            raise Malformed(f"{uri} is not an actor but “{wire.type}”.")
        return await self.remember(wire)

    def _asked(self, uri: str, asking: asyncio.Task[int]) -> None:
        del self._asking[uri]
        if not asking.cancelled():
            asking.exception()  # whoever still waits gets it; if nobody does it is no news

    async def remember(self, wire: vocab.Actor) -> int:
        """Store an actor that was read from its own id."""
        row_id = await self.app.act(lambda uow: remember_actor(uow, wire).id)
        for follower in self.on_actor:
            follower(wire.id or "")
        return row_id

    async def handle(self, handle: Handle) -> int:
        """The row id of `name@host`: its host names the actor, and the actor's host agrees.

        Raises NotFound, Unreachable, Malformed, and NotTheirs if the two directions disagree.
        """
        if handle.host == self.app.uris.host:
            return await self._known_handle(handle.name, None)
        uri = await self._look_up(handle)
        row_id = await self.actor(uri)
        actor = await self.app.read(lambda session: session.get_one(Actor, row_id))
        canonical = Handle(actor.name, host_of(actor.uri))
        same = (canonical.name, canonical.host) == (handle.name.lower(), handle.host)
        if not same and await self._look_up(canonical) != actor.uri:
            raise NotTheirs(f"{handle} and {actor.uri} do not agree who they are.")
        return row_id

    async def object(self, uri: str, budget: Budget | None = None) -> Object:
        """A public post as its own host serves it, not stored; of a Create, what it created.

        Its `id` may not be `uri` (a page's URL). Raises as `fetch`, NotTheirs for a post that is
        not by an author of its host, NotAllowed for one that is not public.
        """
        document = await self.fetch(uri, budget)
        wire = parse(document.json)
        if isinstance(wire, Create) and wire.object_id:
            document = await self.fetch(wire.object_id, budget)
            wire = parse(document.json)
        if isinstance(wire, Activity | vocab.Actor) or wire.type not in self.app.objects:
            raise Malformed(f"{uri} is not a post but “{wire.type}”.")
        check_copy(wire, document.uri)
        if not is_public(wire):
            raise NotAllowed(f"{uri} is not public.")
        return wire

    async def post(
        self, uri: str, budget: Budget | None = None, *, via: str | None = None
    ) -> int | None:
        """The row id of a post; what it answers is stored first, up to 50 posts.

        Where the host of something above it has that no longer, a placeholder stands for it. None
        if it belongs to no community that we could find. `via` is the community that announced it,
        to which it must then belong. Raises as `object`; what was stored until then stays.
        """
        known = await self.app.read(partial(_post_id, uri=uri))
        if known is not None:
            return known
        budget = budget or Budget()
        row_id: int | None = None
        line, orphan = await self._line(uri, budget)
        for wire in reversed(line):
            row_id = await self._publish(wire, budget, via, orphan=orphan and wire is line[-1])
            if row_id is None:
                return None
        return row_id

    async def find(self, text: str) -> Found:
        """What a person has typed: the address or handle of a person, community or discussion.

        Raises NotFound, Malformed, Unreachable and the others of `fetch`.
        """
        wanted = text.strip()
        development = self.app.settings.development
        if "://" not in wanted:
            handle = parse_handle(wanted, development=development)
            return await self._found(await self.handle(handle))
        uri = canonical_url(wanted.partition("#")[0], development=development)
        found = await self.app.read(partial(_find, uri=uri))
        if found is not None:
            return found
        budget = Budget()
        document = await self.fetch(uri, budget)
        wire = parse(document.json)
        if isinstance(wire, vocab.Actor):
            return await self._found(await self.remember(wire))
        row_id = await self.post(document.uri, budget)
        if row_id is None:
            raise NotFound("This post belongs to no community that we know of.")
        return await self._found(row_id)

    async def _line(self, uri: str, budget: Budget) -> tuple[list[Object], bool]:
        """The post and what it answers, upwards to the first that we know or to the top; and
        whether it ends before, at something that is gone."""
        line: list[Object] = []
        at: str | None = uri
        while at is not None and await self.app.read(partial(_post_id, uri=at)) is None:
            if len(line) >= MOST_ANCESTORS or any(at == wire.id for wire in line):
                raise Malformed(f"{uri} stands under more than {MOST_ANCESTORS} posts.")
            try:
                wire = await self.object(at, budget)
            except (Gone, NotFound):
                if not line:
                    raise
                return line, True
            line.append(wire)
            at = wire.in_reply_to
        return line, False

    async def _publish(
        self, wire: Object, budget: Budget, via: str | None, *, orphan: bool
    ) -> int | None:
        await self.actor(wire.author or "", budget=budget)
        named = places(wire)
        if wire.in_reply_to is None:
            await self._meet_community(named, budget)
        store = partial(self._store, wire=wire, named=tuple(named), via=via, orphan=orphan)
        return await self.app.act(store)

    async def _meet_community(self, named: list[str], budget: Budget) -> None:
        """Make sure that we know the community among those whom a thread starter names."""
        if await self.app.read(partial(_knows_community, uris=named)):
            return
        candidates = [uri for uri in named if not uri.endswith("/followers")]
        for uri in candidates[:_MOST_CANDIDATES]:
            try:
                await self.actor(uri, budget=budget)
            except (NotFound, NotAllowed, Malformed, NotTheirs):
                continue
            if await self.app.read(partial(_knows_community, uris=[uri])):
                return

    def _store(
        self,
        uow: UnitOfWork,
        wire: Object,
        named: tuple[str, ...],
        via: str | None,
        *,
        orphan: bool,
    ) -> int | None:
        author = uow.find(Actor, wire.author or "")
        announcer = uow.find(Actor, via) if via else None
        place = place_of(uow, wire, named, announcer, orphan=orphan)
        if author is None or place is None:
            return None
        post = publish(uow, wire, author, place, self.means, received_at=uow.now)
        if post is None:
            return None
        messages.waken(uow.session, [post.uri], uow.now)
        return post.id

    async def _look_up(self, handle: Handle) -> str:
        development = self.app.settings.development
        return await look_up(self.app.client.client, handle, development=development)

    async def _known_handle(self, name: str, host: str | None) -> int:
        actor = await self.app.read(lambda session: by_handle(session, name, host))
        if actor is None:
            raise NotFound(f"There is nobody named {name} here.")
        return actor.id

    async def _found(self, row_id: int) -> Found:
        return await self.app.read(partial(_kind_of, row_id=row_id))


def _actor_id(session: Session, uri: str) -> int | None:
    return session.scalar(select(Actor.id).where(Actor.uri == uri))


def _post_id(session: Session, uri: str) -> int | None:
    return session.scalar(select(Post.id).where(Post.uri == uri))


def _knows_community(session: Session, uris: list[str]) -> bool:
    query = select(Actor.id).join(Community, Community.actor_id == Actor.id)
    return session.scalar(query.where(Actor.uri.in_(uris)).limit(1)) is not None


def _find(session: Session, uri: str) -> Found | None:
    """A row with this id or this page."""
    for kind in (Actor, Post):
        row_id = session.scalar(select(kind.id).where(kind.uri == uri))
        if row_id is None:
            query = select(kind.id).where(kind.url == uri, kind.url != kind.uri)
            row_id = session.scalar(query.limit(1))
        if row_id is not None:
            return _kind_of(session, row_id)
    return None


def _kind_of(session: Session, row_id: int) -> Found:
    actor = session.get(Actor, row_id)
    if actor is not None:
        return Found("community" if actor.type == "Group" else "person", row_id)
    post = session.get_one(Post, row_id)
    return Found("discussion" if post.is_starter else "reply", row_id)
