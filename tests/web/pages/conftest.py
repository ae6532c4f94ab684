"""Two servers, people and a community, and browsers that do not run scripts."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from town_of_pages import FAR, HOST, Town

from fedcop.bootstrap import build
from fedcop.settings import Settings
from tests.databases import lay_sqlite
from tests.fediverse import Fediverse, Person, Place, Server


@dataclass(frozen=True)
class Founded:
    """Two servers that were set up once; each test gets a copy of their databases."""

    folder: Path
    ana: int
    kofi: int
    place: int

    def copy_to(self, folder: Path) -> None:
        for path in self.folder.glob("*.db"):
            shutil.copy(path, folder)


@pytest.fixture(scope="session")
async def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    folder = tmp_path_factory.mktemp("founded")
    world = Fediverse(folder, lambda host: lay_sqlite(folder / f"{host}.db"))
    server, _ = await world(HOST, FAR)
    ana, kofi = await server.person("ana"), await server.person("kofi")
    place = await server.community("watershed", ana)
    await world.close()
    return Founded(folder, ana.id, kofi.id, place.id)


@pytest.fixture
async def town(founded: Founded, tmp_path: Path) -> AsyncIterator[Town]:
    founded.copy_to(tmp_path)
    world = Fediverse(tmp_path, lambda host: f"sqlite:///{tmp_path}/{host}.db")
    for host in (HOST, FAR):
        settings = Settings(
            host=host,
            database_url=f"sqlite:///{tmp_path}/{host}.db",
            data_dir=tmp_path / host,
            secret_key=SecretStr("a secret of the tests"),
        )
        server = Server(build(settings, world.wires), host)
        world.wires.servers[host] = httpx.ASGITransport(
            server.house.web, raise_app_exceptions=False
        )
        world.servers.append(server)
    server, far = world.servers
    ana, kofi = Person(server, founded.ana, "ana"), Person(server, founded.kofi, "kofi")
    place = Place(server.house.app.uris.community("watershed"), founded.place, server)
    yield Town(server, far, world, ana, kofi, place)
    await world.close()


@pytest.fixture
async def ask(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of anyone."""
    async with town.anyone() as client:
        yield client


@pytest.fixture
async def ana(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the steward."""
    async with await town.as_(town.ana) as client:
        yield client


@pytest.fixture
async def kofi(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who belongs to nothing yet."""
    async with await town.as_(town.kofi) as client:
        yield client
