"""One server of ours with a community, and the rest of the fediverse as it pleases the test."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from fedcop.db.columns import LONG_AGO
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.doors.peers import HOME, Every, Pairs, Peer, Web
from tests.doors.snapshot import KEPT, Snapshot, changed, snapshot
from tests.fediverse import Fediverse, Person, Place, Server, fediverse_on


@dataclass(repr=False)
class Door:
    """Our server as others reach it: Ana founded the garden, Kofi belongs to it, one discussion."""

    server: Server
    world: Fediverse
    web: Web
    ana: Person
    kofi: Person
    garden: Place
    starter: str
    """The URI of Kofi's discussion in the garden."""

    def __repr__(self) -> str:
        return "Door()"

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.server.house.web, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"https://{HOME}", timeout=30)

    async def post(self, headers: Pairs, body: Any, path: str = "/inbox") -> httpx.Response:
        async with self.client() as client:
            return await client.post(path, headers=headers, content=body)

    async def hears(self, peer: Peer, document: Any, **how: Any) -> httpx.Response:
        """What they say arrives, signed, and is processed."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        said = await self.post(peer.sign(body, **how), body)
        await self.server.house.processor.settle()
        return said

    async def again(self) -> None:
        """As if every waiting message had waited long enough."""
        await self.server.act(
            lambda uow: uow.session.execute(update(InboxMessage).values(due_at=LONG_AGO)) and None
        )
        await self.server.house.processor.settle()

    async def find(self, uri: str) -> Post | None:
        return await self.server.read(lambda s: s.scalar(select(Post).where(Post.uri == uri)))

    async def rows(self) -> Snapshot:
        return await snapshot(self.server)

    async def nothing_but(self, before: Snapshot, *tables: str) -> None:
        """Only the inbox's own table and these have changed since."""
        assert changed(before, await self.rows(), KEPT | set(tables)) == set()

    async def listens_to(self, group: Peer) -> None:
        """Kofi is an accepted member of this community elsewhere."""
        place = Place(group.uri, 0, self.server)
        await self.kofi.join(place)
        await self.server.house.deliverer.run_once()
        follow = {"type": "Follow", "actor": self.kofi.uri, "object": group.uri}
        follow["id"] = f"https://{HOME}/activity/1"
        said = await self.hears(group, group.says("Accept", follow))
        assert said.status_code == 202
        assert (await self.server.members(group.uri))[self.kofi.uri] == "active"


@pytest.fixture
async def door(fediverse: Fediverse) -> Door:
    return await furnish(fediverse)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def open_door(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    """One server for the whole file, for what must not change anything."""
    folder = tmp_path_factory.mktemp("doors")
    async with fediverse_on(request, folder) as world:
        yield await furnish(world)


@pytest.fixture
def peer(door: Door) -> Callable[..., Peer]:
    """Make an actor of another server and let its host serve it."""
    return lambda uri, number=0, **more: Peer(door.web, uri, number, **more).live()


async def furnish(world: Fediverse) -> Door:
    (server,) = await world(HOME)
    web = Web()
    world.wires.servers = Every(web, world.wires.servers)
    ana, kofi = await server.person("ana"), await server.person("kofi")
    garden = await server.community("garden", ana)
    await kofi.join(garden)
    starter = await kofi.write(garden, "Which soil?", "Clay or sand?")
    return Door(server, world, web, ana, kofi, garden, starter)
