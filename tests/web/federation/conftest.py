"""One server with a person, a community and a thread, asked over HTTP as another server asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.databases import lay_sqlite
from tests.fediverse import Fediverse, Person, Place, Server

HOST = "red.test"
AS2 = "application/activity+json"


@dataclass
class Door:
    """The server, what is in it, and a client in front of it."""

    server: Server
    ada: Person
    place: Place
    starter: str
    reply: str
    http: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path or a URL of ours, for ActivityPub unless a header says otherwise."""
        sent = {"Accept": AS2} | {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.http.get(path, headers=sent)


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[Door]:
    fediverse = Fediverse(folder, lambda host: lay_sqlite(folder / f"{host}.db"))
    (server,) = await fediverse(HOST)
    ada = await server.person("ada")
    place = await server.community("gardeners", ada)
    starter = await ada.write(place, "Frost in May?", "It was **cold**.")
    reply = await ada.reply(starter, "Fleece.")
    transport = httpx.ASGITransport(server.house.web)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as http:
        yield Door(server, ada, place, starter, reply, http)
    await fediverse.close()


@pytest.fixture(scope="module")
async def door(tmp_path_factory):
    """A server for all tests of a module, which only read."""
    async with _open(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
async def own_door(tmp_path):
    """A server of its own, for a test that changes something."""
    async with _open(tmp_path) as opened:
        yield opened
