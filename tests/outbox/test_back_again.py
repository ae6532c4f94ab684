"""A host that was away gets all that it missed, over real sockets, in order and once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from fedcop.db.columns import LONG_AGO
from fedcop.outbox.deliver import Deliverer
from tests.outbox.sockets import World, garden, world_of_sockets

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(migrated_url, keys, tmp_path) -> AsyncIterator[World]:
    async with world_of_sockets(migrated_url, keys, tmp_path) as world:
        yield world


async def test_a_parked_host_gets_all_it_missed_in_order_and_once(world: World) -> None:
    """More than one turn brings, and more is said while it catches up."""
    ada, home = await garden(world, "away.peers.test", "good.peers.test")
    worker = Deliverer(world.app, each=20)
    now = datetime.now(UTC)
    long_ago, tomorrow = now - timedelta(days=9), now + timedelta(days=1)
    await world.change("away.peers.test", parked=True, failing_since=long_ago, next_try_at=tomorrow)
    root = await world.start(ada, home, "missed")
    for number in range(44):
        await world.reply(ada, root, f"missed {number}")
    while await worker.run_once():
        pass
    assert len(world.sockets.taken["good.peers.test"]) == 45
    assert "away.peers.test" not in world.sockets.taken

    await world.change("away.peers.test", parked=False, next_try_at=LONG_AGO)
    await worker.run_once()
    for number in range(5):
        await world.reply(ada, root, f"said meanwhile {number}")
    while await worker.run_once():
        pass
    sockets = world.sockets
    assert len(sockets.taken["away.peers.test"]) == 50
    assert sockets.taken["away.peers.test"] == sockets.taken["good.peers.test"]
    host = await world.host("away.peers.test")
    assert (host.parked, host.failing_since, host.failures) == (False, None, 0)
    assert await world.waiting() == 0
