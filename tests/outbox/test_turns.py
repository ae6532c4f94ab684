"""Workers take turns at hosts: by leases, in fairness, and without waiting for who hangs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from fedcop.outbox import bringing, queue, spreading
from fedcop.outbox.deliver import Deliverer
from tests.outbox.garden import garden, waiting

pytestmark = pytest.mark.anyio


async def test_two_workers_bring_everything_once(here):
    hosts = [f"h{n}.example" for n in range(12)]
    ada, home = await garden(here, *hosts)
    root = await here.start(ada, home)
    for number in range(5):
        await here.reply(ada, root, f"reply {number}")
    one, two = Deliverer(here.app, hosts=5, each=2), Deliverer(here.app, hosts=5, each=2)

    async def work(worker):
        while await worker.run_once():
            pass

    while await waiting(here) or not here.net.brought:
        await asyncio.gather(work(one), work(two))
    for host in hosts:
        ids = [d["id"] for h, d in here.net.brought if h == host]
        assert len(ids) == 6
        assert ids == sorted(ids)


async def test_what_a_dead_worker_held_is_taken_over_within_30_seconds(here):
    ada, home = await garden(here, "l.example", "m.example")
    await here.start(ada, home)
    now = datetime.now(UTC)
    held = await here.app.db.write(lambda s: bringing.load(s, now, 100, 50))
    assert len(held.turns) == 2  # and here its worker dies
    soon = now + timedelta(seconds=10)
    assert await here.app.db.write(lambda s: queue.claim(s, soon)) == []
    due = await here.read(lambda s: queue.next_due(s, soon))
    assert due < now + timedelta(seconds=25), "when another worker looks again"
    taken = await here.app.db.write(lambda s: bringing.load(s, due, 100, 50))
    assert [rows for _, rows in taken.turns] == [rows for _, rows in held.turns]


async def test_a_worker_that_lives_keeps_its_hosts(here, monkeypatch):
    ada, home = await garden(here, "slow.example")
    await here.start(ada, home)
    gate, came = asyncio.Event(), asyncio.Event()

    async def arrive():
        came.set()
        await gate.wait()

    here.net.on_post = lambda host: arrive()
    worker, stop = Deliverer(here.app), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(came.wait(), 60)
    before = (await here.host("slow.example")).leased_until
    worker._renewed_at -= timedelta(minutes=1)  # as if so much time had passed
    while (await here.host("slow.example")).leased_until == before:
        here.app.wake.call("outbox")
        await asyncio.sleep(0)
    assert await Deliverer(here.app).run_once() == 0
    gate.set()
    stop.set()
    await asyncio.wait_for(running, 60)
    assert len(here.net.heard("slow.example")) == 1


async def test_what_waits_for_hosts_that_hang_keeps_nobody_from_being_told(here, monkeypatch):
    monkeypatch.setattr(queue, "LOW", 4)
    ada, home = await garden(here, "l.example", "slow.example")
    for number in range(6):
        await here.start(ada, home, f"number {number}")
    await here.app.db.write(spreading.spread)
    now = datetime.now(UTC)
    assert not await here.read(lambda s: queue.is_low(s, now))
    await here.change("l.example", next_try_at=now + timedelta(minutes=1))
    await here.app.db.write(lambda s: queue.claim(s, now))  # slow.example's turn begins
    assert not await here.read(lambda s: queue.is_low(s, now + timedelta(seconds=1)))
    assert await here.read(lambda s: queue.is_low(s, now + timedelta(seconds=6)))


async def test_whose_turn_is_longest_ago_comes_first(here):
    hosts = [f"h{n}.example" for n in range(4)]
    ada, home = await garden(here, *hosts)
    for number in range(3):
        await here.start(ada, home, f"number {number}")
    worker = Deliverer(here.app, hosts=2, each=1)
    for _ in range(4):
        await worker.run_once()
    assert [len(here.net.heard(host)) for host in hosts] == [2, 2, 2, 2]
