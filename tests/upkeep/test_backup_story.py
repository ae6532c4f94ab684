"""A server is backed up while it works, loses its data, is restored, and goes on federating."""

import asyncio
import os
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL, func, select, text

from fedcop.bootstrap import build
from fedcop.db.engine import Database
from fedcop.db.programs import run
from fedcop.domain.network.models import Activity
from fedcop.errors import Conflict
from fedcop.ids import new_id
from fedcop.settings import Settings
from fedcop.upkeep.create import create
from fedcop.upkeep.restore import Restored, restore
from fedcop.upkeep.verify import verified, verify
from tests.fediverse import Fediverse, Server

pytestmark = pytest.mark.anyio
NO_CONFIG = Path("no-such-folder/fedcop.toml")


@pytest.fixture(autouse=True)
def programs(postgresql, monkeypatch):
    """PostgreSQL's own, and no settings of this machine."""
    monkeypatch.setenv("PATH", str(postgresql.programs), prepend=":")
    for name in [name for name in os.environ if name.startswith("FEDCOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FEDCOP_CONFIG", str(NO_CONFIG))


async def put_back(file: Path, settings: Settings) -> Restored:
    with verified(file) as backup:
        return await restore(backup, settings, NO_CONFIG)


async def start_again(world: Fediverse, server: Server, settings: Settings) -> None:
    server.house = build(settings, world.wires)
    await server.house.start()
    served = httpx.ASGITransport(server.house.web, raise_app_exceptions=False)
    world.wires.servers[server.host] = served


async def spoken(server: Server) -> set[str]:
    return await server.read(
        lambda session: set(session.scalars(select(Activity.uri).where(Activity.local)))
    )


async def test_a_restored_server_goes_on_federating(fediverse: Fediverse, tmp_path: Path) -> None:
    red, blue = await fediverse("red.example", "blue.example")
    settings = red.house.app.settings
    ada, bert = await red.person("ada"), await blue.person("bert")
    place = await red.community("gardens", ada)
    await bert.join(place)
    await fediverse.settle()
    first = await ada.write(place, "Before everything")
    await fediverse.settle()
    fediverse.wires.cut.add("blue.example")
    waited = await ada.write(place, "Said while the other server was away")
    await fediverse.settle()

    # A backup, while somebody writes without a pause.
    stop = asyncio.Event()

    async def chatter() -> int:
        count = 0
        while not stop.is_set():
            await ada.reply(first, f"And {count}")
            count += 1
        return count

    talking = asyncio.create_task(chatter())
    await asyncio.sleep(0)
    target = tmp_path / "backup.tar.gz"
    try:
        file = await create(settings, red.house.app.db, target)
    finally:
        stop.set()
        said = await talking
    manifest = await asyncio.to_thread(verify, file)
    assert file == target
    assert file.stat().st_mode & 0o777 == 0o600
    assert manifest.host == "red.example"
    assert 2 <= manifest.rows["posts"] <= 2 + said
    assert manifest.rows["accounts"] == 1
    with pytest.raises(Conflict, match="there already"):
        await create(settings, red.house.app.db, target)

    # What is said after the backup is lost by the restore, though the others have it.
    fediverse.wires.cut.clear()
    await blue.try_again_now("red.example")
    await red.try_again_now("blue.example")
    lost = await ada.write(place, "Said after the backup")
    await fediverse.settle()
    assert len(await blue.thread(waited)) == 1
    assert len(await blue.thread(lost)) == 1
    before = await spoken(red)
    if red.house.app.db.is_sqlite:
        await red.house.close()
    else:
        with pytest.raises(Conflict, match="in use"):
            await put_back(file, settings)
        await red.house.close()

    done = await put_back(file, settings)
    assert done.aside is not None
    assert done.aside.exists()
    await start_again(fediverse, red, settings)
    assert await red.thread(lost) == []
    assert len(await red.thread(waited)) == 1
    copies = len([one for one in fediverse.wires.sent if one.method == "POST"])
    await red.try_again_now("blue.example")
    await fediverse.settle()
    assert len([one for one in fediverse.wires.sent if one.method == "POST"]) > copies  # again
    assert len(await blue.thread(waited)) == 1  # and once more is no more than once

    # Both go on, with the same keys and with ids that nobody has seen.
    answer = await bert.reply(waited, "Good to have you back")
    again = await ada.write(place, "After the restore")
    await fediverse.settle()
    assert answer in {row[0] for row in await red.thread(waited)}
    assert len(await blue.thread(again)) == 1
    fresh = await spoken(red) - before
    assert fresh
    assert len({lost, waited, again}) == 3

    # What was there before the restore is kept, and can be put back.
    await red.house.close()
    if done.aside.is_dir():
        kept = Database(f"sqlite+aiosqlite:///{done.aside / 'red.example.db'}")
        titles = "SELECT count(*) FROM posts WHERE title = 'Said after the backup'"
        assert await kept.read(lambda session: session.scalar(text(titles))) == 1
        await kept.close()
    else:
        await put_back(done.aside, settings)
    await start_again(fediverse, red, settings)
    assert len(await red.thread(lost)) == (0 if done.aside.is_dir() else 1)


def test_ids_made_after_a_restore_are_not_those_of_what_was_lost() -> None:
    """An id begins with its millisecond, whatever the database holds."""
    lost = {new_id() for _ in range(1000)}
    assert min(new_id() for _ in range(1000)) > max(lost)


async def test_a_restore_that_fails_leaves_all_as_it_was(
    fediverse: Fediverse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (red,) = await fediverse("red.example")
    settings = red.house.app.settings
    file = await create(settings, red.house.app.db, tmp_path / "backup.tar.gz")
    await red.person("later")
    await red.house.close()

    async def fail(*_: object) -> None:
        raise OSError("the disk is full")

    def run_badly(program: str, url: URL | None, *words: str | Path) -> str:
        said = run(program, url, *words)
        if program == "pg_restore":  # the script is whole, but its very end cannot be carried out
            script = next(word for word in map(str, words) if word.startswith("--file="))
            with Path(script.removeprefix("--file=")).open("a") as more:
                more.write("SELECT no_such_function();")
        return said

    if settings.database.startswith("sqlite"):
        monkeypatch.setattr("fedcop.upkeep.restore.migrate.upgrade", fail)
    else:
        monkeypatch.setattr("fedcop.upkeep.postgresql.run", run_badly)
    with pytest.raises(Exception, match=r"disk is full|no_such_function"):
        await put_back(file, settings)
    monkeypatch.undo()
    await start_again(fediverse, red, settings)
    names = "SELECT count(*) FROM actors WHERE name = 'later'"
    assert await red.read(lambda session: session.scalar(text(names))) == 1
    assert await red.read(lambda session: session.scalar(select(func.count(Activity.id)))) == 0
