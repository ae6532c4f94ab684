"""A server on which one message after the other is played, each on an empty stage."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures import cavage
from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.app import App
from fedcop.bootstrap import build_app
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import granted, join
from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.people.follow import follow
from fedcop.domain.people.follow import granted as accepted
from fedcop.domain.people.keys import FreshKeys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.register import register
from fedcop.domain.posts.feature import pin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.words import Origin as Source
from fedcop.domain.posts.words import Words
from fedcop.domain.site.found import set_up
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.process import Processor
from fedcop.inbox.receive import Receiver
from fedcop.inbox.resolve import Resolver
from fedcop.settings import Settings
from fedcop.text.sanitize import clean
from fedcop.work.unit_of_work import UnitOfWork
from tests.replay.documents import Json, host, id_of
from tests.replay.kept import FORMER
from tests.replay.origin import Origin
from tests.replay.rows import Rows

T = TypeVar("T")
HOST = "fedcop.example"
LONG_BEFORE = datetime(2016, 1, 1, tzinfo=UTC)


class Stage:
    """Our server: its doors, and short ways to what must be there before a message comes.

    Each scene begins with one person here and the community that she has founded.
    """

    _ada: Actor
    _practice: Actor

    def __init__(self, app: App, origin: Origin, keys: FreshKeys, key: PrivateKey) -> None:
        self.app, self.origin = app, origin
        self._keys, self._key = keys, key
        self.rows = Rows(app)
        self._open()

    @classmethod
    async def build(
        cls, folder: Path, database_url: str, documents: list[Json], *, development: bool = False
    ) -> "Stage":
        """A server with all these documents behind its client; its database has every table."""
        key = PrivateKey.from_pem("", "", generate_rsa(), trusted=True)
        origin = Origin(documents, key.public.pem)
        settings = Settings(
            host=HOST,
            database_url=database_url,
            data_dir=folder,
            secret_key="a secret of the tests",  # pyright: ignore[reportArgumentType]
            development=development,
        )
        app = build_app(settings, origin)
        if app.db.is_sqlite:
            event.listen(app.db.engine.sync_engine, "connect", _hurry)
        keys = await app.fresh_keys()
        await app.act(lambda uow: set_up(uow, name=HOST, keys=keys) and None)
        made = cls(app, origin, keys, key)
        made._ada, made._practice = await made._settle()
        await made.rows.remember()
        return made

    async def close(self) -> None:
        self.rows.close()
        await self.processor.close()
        await self.app.client.client.aclose()
        await self.app.db.close()

    async def clear(self) -> None:
        """Leave nothing but the server itself, as if it had just been set up."""
        self.origin.clear()
        await self.rows.clear()
        self._open()

    def _open(self) -> None:
        """New doors, which remember nothing."""
        self.resolver = Resolver(self.app)
        self.receiver = Receiver(self.app, KeyFinder(self.app, self.resolver))
        self.processor = Processor(self.app, self.resolver)

    async def act(self, action: Callable[[UnitOfWork], T]) -> T:
        return await self.app.act(action)

    async def read(self, query: Callable[[Session], T]) -> T:
        return await self.app.read(query)

    # what is ours

    async def person(self) -> Actor:
        """Ada, who has an account here."""
        return self._ada

    async def community(self) -> Actor:
        """A community of ours, which Ada has founded."""
        self.origin.community = self._practice.uri
        return self._practice

    async def _settle(self) -> tuple[Actor, Actor]:
        ada = await self.act(
            lambda uow: register(uow, name="ada", display_name="Ada", keys=self._keys)
        )

        def act(uow: UnitOfWork) -> Actor:
            place = found(
                uow,
                uow.get(Actor, ada.id),
                name="practice",
                title="Practice",
                purpose="",
                charter="",
                keys=self._keys,
            )
            return uow.get(Actor, place.actor_id)

        return ada, await self.act(act)

    async def starter(self, community: Actor) -> Post:
        """A discussion that its founder has started in a community of ours."""

        def act(uow: UnitOfWork) -> Post:
            ada = uow.session.scalars(select(Actor).where(Actor.name == "ada")).one()
            return start(uow, ada, uow.get(Community, community.id), _words("A question"))

        return await self.act(act)

    # what is elsewhere

    async def actor(self, uri: str) -> int:
        """The row of an actor elsewhere, as their host describes them now."""
        return await self.resolver.actor(uri, refresh=True)

    async def listen(self, uri: str) -> int:
        """A community elsewhere, to which somebody here belongs."""
        community_id, _ = await self.ask_to_join(uri)

        def act(uow: UnitOfWork) -> None:
            ada = uow.session.scalars(select(Actor).where(Actor.name == "ada")).one()
            granted(uow, uow.get(Community, community_id), ada)

        await self.act(act)
        return community_id

    async def ask_to_join(self, uri: str) -> tuple[int, str]:
        """A community elsewhere that somebody here has asked to join; its row, and the Follow."""
        self.origin.groups.add(uri)
        self.origin.community = uri
        community_id = await self.actor(uri)
        person = await self.person()

        def act(uow: UnitOfWork) -> str:
            place, ada = uow.get(Community, community_id), uow.get(Actor, person.id)
            return join(uow, place, ada).follow_uri or ""

        return community_id, await self.act(act)

    async def post(self, uri: str, author: str, community_id: int, under: int | None = None) -> int:
        """A post of somebody elsewhere that has come before."""
        author_id = await self.actor(author)
        self.origin.authors[uri] = author
        source = Source(uri=uri, type="Note", url=uri, published_at=LONG_BEFORE)

        def act(uow: UnitOfWork) -> int:
            writer = uow.get(Actor, author_id)
            if under is not None:
                return reply(uow, writer, uow.get(Post, under), _words(""), source).id
            return start(
                uow, writer, uow.get(Community, community_id), _words("Former title"), source
            ).id

        return await self.act(act)

    async def where(self, via: str) -> int:
        """The community that an activity happens in: the one that announces it, else ours."""
        return await self.listen(via) if via else (await self.community()).id

    async def pin(self, post_id: int) -> None:
        """Let a post stand first in its community."""
        await self.act(lambda uow: pin(uow, uow.get(Post, post_id), None))

    async def follow(self, person: Actor, uri: str) -> None:
        """Let a person here follow one elsewhere, who has accepted."""
        target_id = await self.actor(uri)

        def act(uow: UnitOfWork) -> None:
            here, there = uow.get(Actor, person.id), uow.get(Actor, target_id)
            follow(uow, here, there)
            accepted(uow, here, there)

        await self.act(act)

    async def appoint(self, uri: str, community_id: int) -> None:
        """Make somebody elsewhere a steward of a community."""
        await self.enrol(uri, community_id, Role.STEWARD)

    async def enrol(self, uri: str, community_id: int, role: str = Role.MEMBER) -> None:
        """Make somebody elsewhere a member of a community."""
        actor_id = await self.actor(uri)

        def act(uow: UnitOfWork) -> None:
            membership = Membership(
                community_id=community_id,
                actor_id=actor_id,
                joined_at=uow.now,
                role=role,
            )
            uow.add(membership)

        await self.act(act)

    # what comes

    async def deliver(self, message: Json) -> str:
        """Send it, signed by its actor, and let it be processed: what became of it.

        `done`, `dead: …` or `waiting: …`, and `nothing kept` for what the door let pass by.
        Raises the FedcopError with which the door refuses.
        """
        message = self.origin.moved(message)
        actor = id_of(message["actor"])
        await self._receive(json.dumps(message).encode(), actor)
        return await self.read(lambda session: _settled(session, f"{host(actor)} {message['id']}"))

    async def post_raw(self, body: bytes, signer: str) -> str:
        """Send these bytes, signed by somebody, as `deliver` does: what became of all there is."""
        await self._receive(body, signer)
        keys = await self.read(lambda session: session.scalars(select(InboxMessage.key)).all())
        became = [await self.read(partial(_settled, key=key)) for key in keys]
        return next(iter(became), "done: nothing kept")

    async def _receive(self, body: bytes, actor: str) -> None:
        self._open()
        key = replace(self._key, id=f"{actor}#main-key", owner=actor)
        url = self.app.uris.shared_inbox
        signed = cavage.sign("POST", url, body, key, datetime.now(UTC))
        headers = tuple((name.lower(), value) for name, value in signed.items())
        request = HttpRequest("POST", "/inbox", url.partition(":")[0], HOST, headers, body)
        await self.receiver.receive(request, signed["Content-Type"])
        await self.processor.settle()


def _hurry(connection: DBAPIConnection, _: object) -> None:
    """Nothing here has to survive a power failure."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _words(title: str) -> Words:
    return Words(title=title, html=clean(FORMER), source=None, summary=title)


def _settled(session: Session, key: str) -> str:
    message = session.scalar(select(InboxMessage).where(InboxMessage.key == key))
    if message is None:
        return "nothing kept"
    assert not re.match(r"[A-Za-z_.]+\(", message.error or ""), message.error
    return message.state if message.error is None else f"{message.state}: {message.error}"
