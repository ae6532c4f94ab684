"""A server moves from SQLite to PostgreSQL with all that it holds, or not at all."""

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, text

from fedcop.bootstrap import House, build
from fedcop.db.engine import Database
from fedcop.db.serving import alone
from fedcop.domain.site.found import set_up
from fedcop.errors import Conflict
from fedcop.settings import Settings
from fedcop.upkeep.to_postgresql import move, preview
from tests.databases import lay_sqlite
from tests.fediverse import Place, Server, Wires

pytestmark = pytest.mark.anyio
HOST = "red.example"


def settings_for(folder: Path, url: str) -> Settings:
    return Settings(
        host=HOST, data_dir=folder, database_url=url, secret_key=SecretStr("of the tests")
    )


async def begun(settings: Settings) -> tuple[House, Server]:
    house = build(settings, Wires())
    return house, Server(house, HOST)


async def test_everything_moves_and_the_server_goes_on(tmp_path: Path, postgresql) -> None:
    settings = settings_for(tmp_path, lay_sqlite(tmp_path / "fedcop.db"))
    house, red = await begun(settings)
    keys = await house.app.fresh_keys()
    await red.act(lambda uow: set_up(uow, name="Red", keys=keys) and None)
    ada = await red.person("ada")
    place = await red.community("gardens", ada)
    root = await ada.write(place, "Does this come along?", "Ünïcode: 水 — and *Markdown*")
    await ada.reply(root, "It does")
    held = await red.thread(root)
    await house.close()

    url = postgresql.database()
    other = settings_for(tmp_path, url)
    with alone(settings.database), pytest.raises(Conflict, match="server is running"):
        await move(settings, url)
    with pytest.raises(Conflict, match="postgresql://"):
        await preview(settings, "mysql://here")
    with pytest.raises(Conflict, match="does not answer"):
        await preview(settings, f"postgresql://postgres@/none?host={tmp_path}")
    seen = await preview(settings, url)
    assert seen.rows["posts"] == 2
    moved = await move(settings, url)
    assert moved == seen
    with pytest.raises(Conflict, match="not empty"):
        await move(settings, url)
    with pytest.raises(Conflict, match="already"):
        await move(other, postgresql.database())

    house, red = await begun(other)
    await house.start()
    assert await red.thread(root) == held
    await red.work()
    ada.server = red
    place = Place(place.uri, place.id, red)
    assert await ada.write(place, "And on it goes") != root
    page = httpx.ASGITransport(house.web)
    async with httpx.AsyncClient(transport=page, base_url=f"https://{HOST}") as reader:
        assert "Does this come along?" in (await reader.get("/c/gardens")).text
        assert "Does this come along?" in (await reader.get("/search?q=markdown")).text
    orphan = text("INSERT INTO accounts (actor_id, role) VALUES (1, 'member')")
    with pytest.raises(Exception, match=r"fk_|null"):
        await red.act(lambda uow: uow.session.execute(orphan) and None)
    await house.close()
    postgresql.drop(url)


async def test_what_postgresql_does_not_take_stops_the_move(tmp_path: Path, postgresql) -> None:
    settings = settings_for(tmp_path, lay_sqlite(tmp_path / "fedcop.db"))
    house, red = await begun(settings)
    keys = await house.app.fresh_keys()
    await red.act(lambda uow: set_up(uow, name="Red", keys=keys) and None)
    odd = text("UPDATE site SET description = 'with a ' || char(0) || ' in it'")
    await red.act(lambda uow: uow.session.execute(odd) and None)
    await house.close()
    url = postgresql.database()
    with pytest.raises(Exception, match="nothing was copied"):
        await move(settings, url)
    target = Database(settings_for(tmp_path, url).database)

    def count(connection: Connection) -> object:
        return connection.scalar(text("SELECT count(*) FROM actors"))

    async with target.engine.connect() as connection:
        assert await connection.run_sync(count) == 0
    await target.close()
    assert (await preview(settings, url)).rows["actors"] == 1  # once mended, it may be tried again
    postgresql.drop(url)
