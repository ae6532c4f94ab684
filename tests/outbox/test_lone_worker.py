"""A worker that was killed and begins again does not wait for its own leases, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest

from fedcop.db.engine import Database
from fedcop.db.presence import Presence
from fedcop.outbox import bringing, queue
from fedcop.settings import Settings

pytestmark = pytest.mark.anyio
PATIENCE = 60
_LOCKS = (
    "FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Process:
    """A worker's presence, as its process holds it; `alone`: how often it was the only one."""

    def __init__(self, url: str) -> None:
        self.db = Database(Settings(host="a.test", database_url=url).database)
        self.alone = 0
        self.presence = Presence(self.db, self._alone)
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self.presence.run(self._stop))

    async def _alone(self) -> None:
        self.alone += 1

    async def begun(self) -> "Process":
        await asyncio.wait_for(self.presence.known(), PATIENCE)
        return self

    async def stops(self) -> None:
        self._stop.set()
        await asyncio.wait_for(self._running, PATIENCE)
        await self.db.close()

    async def is_killed(self) -> None:
        """The system closes its sockets, and it says nothing more."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.db.close()

    async def loses_its_connection(self) -> None:
        """PostgreSQL ends it (as when it is restarted); the loop is begun again."""
        async with self.db.engine.connect() as connection:
            await connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {_LOCKS}")
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(self._running, PATIENCE)
        self._running = asyncio.create_task(self.presence.run(self._stop))

    async def locks(self) -> int:
        """How many live, as PostgreSQL sees it."""
        async with self.db.engine.connect() as connection:
            found = await connection.exec_driver_sql(f"SELECT count(*) {_LOCKS}")
            return found.scalar_one()


async def test_only_who_begins_alone_is_alone(postgresql):
    url = postgresql.migrated()
    one = await Process(url).begun()
    two = await Process(url).begun()
    assert (one.alone, two.alone) == (1, 0)
    await one.is_killed()
    three = await Process(url).begun()
    assert three.alone == 0  # two lives
    await two.stops()
    await three.is_killed()
    four = await Process(url).begun()
    assert four.alone == 1
    await four.stops()
    postgresql.drop(url)


async def test_of_two_that_begin_together_one_at_most_is_alone(postgresql):
    url = postgresql.migrated()
    both = [Process(url), Process(url)]
    await asyncio.gather(*(process.begun() for process in both))
    assert sum(process.alone for process in both) == 1
    assert await both[0].locks() == 2
    for process in both:
        await process.stops()
    postgresql.drop(url)


async def test_who_lost_the_connection_is_not_alone_for_that(postgresql):
    url = postgresql.migrated()
    one = await Process(url).begun()
    await one.loses_its_connection()
    async with asyncio.timeout(PATIENCE):
        while not await one.locks():  # noqa: ASYNC110  the database tells nobody
            await asyncio.sleep(0.01)
    assert one.alone == 1
    two = await Process(url).begun()
    assert two.alone == 0
    await two.stops()
    await one.stops()
    postgresql.drop(url)


async def test_what_a_killed_worker_held_is_brought_when_it_begins_again(fediverse, monkeypatch):
    monkeypatch.setattr(queue, "LEASE", queue.KEPT)
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    root = await ada.write(gardeners, "Which soil?")
    now = datetime.now(UTC)
    held = await red.house.app.db.write(lambda s: bringing.load(s, now, 100, 50))
    assert len(held.turns) == 1  # and here its process is killed
    await red.house.start()
    stop = asyncio.Event()
    running = asyncio.create_task(red.house.run_worker(stop))

    async def arrives():
        while not await blue.thread(root):
            await blue.work()
            await asyncio.sleep(0.01)

    await asyncio.wait_for(arrives(), PATIENCE)
    stop.set()
    await asyncio.wait_for(running, PATIENCE)
