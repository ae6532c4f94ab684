"""SIGTERM: nothing new is taken, what is under way is finished, and the exit status is 0."""

import asyncio
import json

import httpx
import pytest
from sqlalchemy import text

from fedcop.db.engine import Database
from tests.doors.peers import sign
from tests.faults.hosts import Hosts
from tests.faults.people import settle
from tests.faults.stories import Author
from tests.faults.victim import furnish, is_ready, lay

pytestmark = pytest.mark.anyio


class SlowHosts(Hosts):
    """Hosts that serve their people only when they are let."""

    def __init__(self, *given):
        super().__init__(*given)
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def _before(self, path):
        if path.startswith("/u/"):
            self.asked.set()
            await self.let.wait()


async def test_what_is_under_way_is_finished(tmp_path):
    town = settle(2, 1, 0)
    server = lay(tmp_path, None)
    hosts = SlowHosts(town, tmp_path, server.lab.authority.tls_for(*town.by_name))
    port = await hosts.open()
    for name in town.by_name:
        server.lab.names.point(name, port)
    starters, _ = await furnish(server.settings, town)
    author = Author(town, starters, seed=1)
    [first], [second] = author.arrivals()
    await server.start()
    try:
        async with server.client() as client:
            assert await is_ready(client)
            under_way = asyncio.create_task(_say(client, first))
            await hosts.asked.wait()
            ended = asyncio.create_task(server.stop())
            await _nobody_listens(server)
            async with server.client() as other:
                with pytest.raises(httpx.TransportError):
                    await _say(other, second)
            hosts.let.set()
            assert (await under_way).status_code == 202
        assert await ended == 0
    finally:
        await server.kill()
        await hosts.close()
    db = Database(server.settings.database)
    kept = await db.read(lambda s: s.execute(text("SELECT key FROM inbox_messages")).all())
    await db.close()
    assert [row[0].partition(" ")[2] for row in kept] == [first.id]


async def _say(client, act):
    body = json.dumps(act.document).encode()
    headers = sign(body, act.by.key, key_id=act.by.key_id)
    return await client.post("/inbox", content=body, headers=[*headers])


async def _nobody_listens(server):
    """Wait for that; until then it says, from its next answer on, that it is not ready."""
    answers = []
    async with asyncio.timeout(30):
        while True:
            try:
                async with server.client() as client:
                    answers.append((await client.get("/readyz")).status_code)
            except httpx.TransportError:
                break
    assert answers == sorted(answers)
    assert set(answers[1:]) <= {503}, answers
