"""Whole servers in one process: every instance an ASGI app, every wire a transport between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fedcop.bootstrap import House, build
from fedcop.db.columns import LONG_AGO
from fedcop.domain.communities.charter import change
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import join, leave
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.network.models import Host
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Actor
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.edit import edit
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.remove import delete
from fedcop.domain.posts.thread import thread
from fedcop.domain.posts.vote import vote
from fedcop.domain.site.found import set_up
from fedcop.settings import Settings
from fedcop.work.unit_of_work import UnitOfWork
from tests.databases import lay_sqlite

T = TypeVar("T")


class Wires(httpx.AsyncBaseTransport):
    """Picks the server by host. `cut` hosts are unreachable; `sent` is every request, in order."""

    def __init__(self) -> None:
        self.servers: dict[str, httpx.AsyncBaseTransport] = {}
        self.cut: set[str] = set()
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        server = self.servers.get(request.url.netloc.decode())
        if server is None or request.url.host in self.cut:
            raise httpx.ConnectError("nobody answers", request=request)
        return await server.handle_async_request(request)


@dataclass
class Person:
    """Somebody with an account on one of the servers; says and does things as a page would."""

    server: "Server"
    id: int
    name: str

    @property
    def uri(self) -> str:
        return self.server.house.app.uris.person(self.name)

    async def join(self, place: "Place") -> None:
        community_id = await self.server.meet(place.uri)

        def act(uow: UnitOfWork) -> None:
            join(uow, uow.get(Community, community_id), uow.get(Actor, self.id))

        await self.server.act(act)

    async def leave(self, place: "Place") -> None:
        community_id = await self.server.meet(place.uri)

        def act(uow: UnitOfWork) -> None:
            leave(uow, uow.get(Community, community_id), uow.get(Actor, self.id))

        await self.server.act(act)

    async def write(self, place: "Place", title: str, text: str = "What do you think?") -> str:
        """Start a discussion; its URI."""
        community_id = await self.server.meet(place.uri)

        def act(uow: UnitOfWork) -> str:
            words = compose_starter(uow.session, uow.uris, title, text)
            author = uow.get(Actor, self.id)
            return start(uow, author, uow.get(Community, community_id), words).uri

        return await self.server.act(act)

    async def reply(self, to: str, text: str) -> str:
        """Reply to the post with this URI; the reply's URI."""

        def act(uow: UnitOfWork) -> str:
            words = compose_reply(uow.session, uow.uris, text)
            return reply(uow, uow.get(Actor, self.id), _post(uow, to), words).uri

        return await self.server.act(act)

    async def edit(self, uri: str, text: str) -> None:
        def act(uow: UnitOfWork) -> None:
            post = _post(uow, uri)
            if post.is_starter:
                words = compose_starter(uow.session, uow.uris, post.title, text)
            else:
                words = compose_reply(uow.session, uow.uris, text)
            edit(uow, post, uow.get(Actor, self.id), words)

        await self.server.act(act)

    async def delete(self, uri: str) -> None:
        await self.server.act(lambda uow: delete(uow, _post(uow, uri), uow.get(Actor, self.id)))

    async def notices(self) -> list[tuple[str, str, str]]:
        """What they were told, oldest first: the reason, by whom, and words that were given."""

        def query(session: Session) -> list[tuple[str, str, str]]:
            rows = session.execute(
                select(Notification.reason, Actor.name, Notification.words)
                .join(Actor, Actor.id == Notification.actor_id)
                .where(Notification.account_id == self.id)
                .order_by(Notification.id)
            )
            return [(row[0], row[1], row[2]) for row in rows]

        return await self.server.read(query)

    async def vote(self, uri: str, value: int = 1) -> None:
        await self.server.act(
            lambda uow: vote(uow, _post(uow, uri), uow.get(Actor, self.id), value)
        )


@dataclass(frozen=True)
class Place:
    """A community, by its id on the network."""

    uri: str
    id: int
    server: "Server" = field(repr=False, compare=False)

    async def rewrite(self, steward: Person, charter: str) -> None:
        def act(uow: UnitOfWork) -> None:
            community, actor = uow.get(Community, self.id), uow.get(Actor, self.id)
            by = uow.get(Actor, steward.id)
            title = actor.display_name
            change(uow, community, by, title=title, purpose="", charter=charter)

        await self.server.act(act)


@dataclass
class Server:
    """One instance with its doors and its worker, which runs only when told to."""

    house: House
    host: str

    async def act(self, action: Callable[[UnitOfWork], T]) -> T:
        return await self.house.app.act(action)

    async def read(self, query: Callable[[Session], T]) -> T:
        return await self.house.app.read(query)

    async def person(self, name: str) -> Person:
        keys = await self.house.app.fresh_keys()
        row_id = await self.act(
            lambda uow: register(uow, name=name, display_name=name.title(), keys=keys).id
        )
        return Person(self, row_id, name)

    async def community(self, name: str, founder: Person) -> Place:
        keys = await self.house.app.fresh_keys()

        def act(uow: UnitOfWork) -> tuple[str, int]:
            community = found(
                uow,
                uow.get(Actor, founder.id),
                name=name,
                title=name.title(),
                purpose=f"To get better at {name}.",
                charter="We learn by doing.",
                keys=keys,
            )
            return uow.get(Actor, community.actor_id).uri, community.actor_id

        uri, row_id = await self.act(act)
        return Place(uri, row_id, self)

    async def meet(self, uri: str) -> int:
        """The row of an actor, fetched from its host if it is not known here."""
        return await self.house.resolver.actor(uri)

    async def work(self) -> int:
        """Everything that is due now: messages, deliveries, jobs; how many rows that was."""
        done = await self.house.processor.settle()
        done += await self.house.jobs.run_once(100)
        return done + await self.house.deliverer.run_once()

    async def try_again_now(self, host: str) -> None:
        """As if the time of the next attempt had come."""
        back = {"next_try_at": LONG_AGO, "leased_until": LONG_AGO}
        await self.act(
            lambda uow: (
                uow.session.execute(update(Host).where(Host.name == host).values(back)) and None
            )
        )

    async def thread(self, uri: str) -> list[tuple[str, str, str, int, int]]:
        """What this server holds of a thread: id, author, text, votes, depth, in its order."""

        def query(session: Session) -> list[tuple[str, str, str, int, int]]:
            root_id = session.scalar(select(Post.id).where(Post.uri == uri))
            held = thread(session, root_id or 0)
            if held is None:
                return []
            rows = [held.starter, *held.replies]
            return [
                (r.post.uri, r.author.uri, r.post.title + r.post.html, r.post.likes, r.depth)
                for r in rows
                if r.post.is_visible
            ]

        return await self.read(query)

    async def members(self, uri: str) -> dict[str, str]:
        """Who this server says belongs to a community, and how far that has come."""

        def query(session: Session) -> dict[str, str]:
            place = select(Actor.id).where(Actor.uri == uri).scalar_subquery()
            rows = session.execute(
                select(Actor.uri, Membership.standing)
                .join(Membership, Membership.actor_id == Actor.id)
                .where(Membership.community_id == place)
            )
            return {row[0]: row[1] for row in rows}

        return await self.read(query)


class Fediverse:
    """Several servers and the wires between them."""

    def __init__(self, folder: Path, database: Callable[[str], str]) -> None:
        self.wires = Wires()
        self.servers: list[Server] = []
        self._folder, self._database = folder, database

    async def __call__(self, *hosts: str) -> list[Server]:
        """Start a server for each host."""
        return [await self._start(host) for host in hosts]

    async def settle(self) -> None:
        """Let every server work until none has anything to do."""
        for _ in range(200):
            if not sum([await server.work() for server in self.servers]):
                return
        raise AssertionError("the servers never come to rest")

    async def close(self) -> None:
        for server in self.servers:
            await server.house.close()

    async def _start(self, host: str) -> Server:
        settings = Settings(
            host=host,
            database_url=self._database(host),
            data_dir=self._folder / host,
            secret_key="a secret of the tests",  # pyright: ignore[reportArgumentType]
        )
        house = build(settings, self.wires)
        keys = await house.app.fresh_keys()
        await house.app.act(lambda uow: set_up(uow, name=host, keys=keys) and None)
        await house.start()
        server = Server(house, host)
        self.wires.servers[host] = httpx.ASGITransport(house.web, raise_app_exceptions=False)
        self.servers.append(server)
        return server


def _post(uow: UnitOfWork, uri: str) -> Post:
    post = uow.find(Post, uri)
    assert post is not None, f"{uri} is not known here"
    return post


@asynccontextmanager
async def fediverse_on(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Fediverse]:
    """An empty fediverse on the kind of database that is the `param` of the fixture."""
    urls: list[str] = []

    def database(host: str) -> str:
        if request.param == "sqlite":
            return lay_sqlite(folder / f"{host}.db")
        urls.append(request.getfixturevalue("postgresql").migrated())
        return urls[-1]

    world = Fediverse(folder, database)
    yield world
    await world.close()
    for url in urls:
        request.getfixturevalue("postgresql").drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
async def fediverse(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Fediverse]:
    """An empty fediverse; a test that asks for it runs on both databases."""
    async with fediverse_on(request, tmp_path) as world:
        yield world
