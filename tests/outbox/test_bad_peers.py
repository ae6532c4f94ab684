"""Deliveries to peers that misbehave, over real sockets and TLS."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import pytest
from sqlalchemy import select, update

from fedcop.domain.network.models import Activity
from fedcop.ids import new_id
from fedcop.outbox import peers
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.models import Delivery
from fedcop.work.unit_of_work import UnitOfWork
from tests.outbox.sockets import (
    PATIENCE,
    Sockets,
    World,
    answer,
    cuts_off,
    garden,
    hangs,
    resets,
    says,
    speaks_something_else,
    takes,
    trickles,
    trickles_a_body,
    world_of_sockets,
)

# What is asked of the database here is asked of both elsewhere.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True),
]


@pytest.fixture
async def world(migrated_url, keys, tmp_path) -> AsyncIterator[World]:
    async with world_of_sockets(migrated_url, keys, tmp_path) as world:
        yield world


@pytest.fixture
def impatient(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    post = partial(world.app.client.post, deadline=PATIENCE)
    monkeypatch.setattr(world.app.client, "post", post)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("does", "words"),
    [
        (hangs, "too long"),
        (trickles, "too long"),
        (resets, "does not answer|breaks off"),
        (cuts_off, "does not answer|breaks off"),
        (speaks_something_else, "does not answer|breaks off"),
        (says(answer(500)), "answered 500"),
        (says(answer(302, "Location: https://bad.peers.test/elsewhere")), "answered 302"),
        (says(answer(307, "Location: https://good.peers.test/inbox")), "answered 307"),
    ],
)
async def test_what_may_pass_is_brought_again(does, words, world: World) -> None:
    ada, home = await garden(world, "bad.peers.test", "good.peers.test")
    world.sockets.does["bad.peers.test"] = does
    await world.start(ada, home)
    await world.start(ada, home)
    worker = Deliverer(world.app)
    await worker.run_once()
    assert len(world.sockets.taken["good.peers.test"]) == 2
    host = await world.host("bad.peers.test")
    assert re.search(words, host.last_error or ""), host.last_error
    assert host.failures == 1
    assert host.failing_since is not None
    wait = host.next_try_at - datetime.now(UTC)
    assert timedelta(seconds=40) < wait < timedelta(seconds=80)
    del world.sockets.does["bad.peers.test"]
    await world.retry_now("bad.peers.test")
    await worker.run_once()
    assert world.sockets.taken["bad.peers.test"] == world.sockets.taken["good.peers.test"]
    assert await world.waiting() == 0


async def test_a_certificate_for_another_name(world: World) -> None:
    ada, home = await garden(world, "other.name.test", "good.peers.test")
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    host = await world.host("other.name.test")
    assert host.last_error == "Its certificate is for another name."
    assert world.sockets.taken.keys() == {"good.peers.test"}


@pytest.mark.usefixtures("impatient")
async def test_what_was_taken_is_taken_however_slowly_it_is_said(world: World) -> None:
    ada, home = await garden(world, "bad.peers.test")
    world.sockets.does["bad.peers.test"] = trickles_a_body
    await world.start(ada, home)
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    assert len(world.sockets.taken["bad.peers.test"]) == 2
    assert await world.waiting() == 0
    assert (await world.host("bad.peers.test")).last_error is None


async def test_a_web_page_counts_and_is_asked_about(world: World) -> None:
    ada, home = await garden(world, "bad.peers.test")
    page = answer(200, "Content-Type: Text/HTML; charset=utf-8", body=b"<h1>For sale</h1>")
    world.sockets.does["bad.peers.test"] = says(page)
    now = datetime.now(UTC)
    await world.change("bad.peers.test", asked_at=now - timedelta(hours=2))
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    assert await world.waiting() == 0
    host = await world.host("bad.peers.test")
    assert host.last_error == "It answered with a web page."
    assert host.failing_since is None
    assert await world.read(lambda session: peers.grown_old(session, now)) == {
        host.id: "bad.peers.test"
    }
    await world.change("bad.peers.test", asked_at=now)
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    assert await world.read(lambda session: peers.grown_old(session, now)) == {}


async def test_a_401_is_knocked_at_twice_and_brought_again_for_a_day(world: World) -> None:
    ada, home = await garden(world, "bad.peers.test")
    world.sockets.does["bad.peers.test"] = says(answer(401))
    await world.start(ada, home)
    worker = Deliverer(world.app)
    await worker.run_once()
    signed = [b"signature-input:" in head.lower() for head in world.sockets.heads]
    assert signed == [False, True]
    assert await world.waiting() == 1
    assert (await world.host("bad.peers.test")).last_error == "It answered 401."

    await world.act(_let_a_day_pass)
    await world.retry_now("bad.peers.test")
    await worker.run_once()
    assert await world.waiting() == 0
    assert len(world.sockets.heads) == 4


def _let_a_day_pass(uow: UnitOfWork) -> None:
    """What waits was said 25 hours ago."""
    (waiting,) = uow.session.scalars(select(Delivery)).all()
    said = uow.get(Activity, waiting.activity_id)
    old = Activity(
        id=new_id(datetime.now(UTC) - timedelta(hours=25)),
        uri=f"{said.uri}0",
        type=said.type,
        actor_uri=said.actor_uri,
        body=said.body,
        local=True,
    )
    uow.add(old)
    uow.write()
    uow.session.execute(update(Delivery).values(activity_id=old.id))


@pytest.mark.parametrize("status", [403, 405, 413, 422])
async def test_what_is_refused_is_not_brought_again(status: int, world: World) -> None:
    ada, home = await garden(world, "bad.peers.test")
    world.sockets.does["bad.peers.test"] = says(answer(status), answer(202))
    await world.start(ada, home)
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    assert len(world.sockets.taken["bad.peers.test"]) == 1
    assert await world.waiting() == 0


_LATER = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 110, 121),
        pytest.param(_LATER, 9_000, 10_801, id="in three hours"),
        ("99999999999", 86_000, 86_401),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_000, 86_401),
        ("soon", 40, 80),
    ],
)
async def test_a_peer_that_asks_for_patience(status, asked, least, most, world: World) -> None:
    ada, home = await garden(world, "bad.peers.test")
    world.sockets.does["bad.peers.test"] = says(
        answer(status, f"Retry-After: {asked}"), answer(202)
    )
    await world.start(ada, home)
    await Deliverer(world.app).run_once()
    host = await world.host("bad.peers.test")
    wait = (host.next_try_at - datetime.now(UTC)).total_seconds()
    assert least < wait <= most
    assert await world.waiting() == 1
    await world.retry_now("bad.peers.test")
    await Deliverer(world.app).run_once()
    assert len(world.sockets.taken["bad.peers.test"]) == 1


async def test_twenty_that_hang_among_two_hundred_hold_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are served while the bad ones hang: nothing but an event lets these go on."""
    post = partial(world.app.client.post, deadline=600.0)  # for as long as the others may take
    monkeypatch.setattr(world.app.client, "post", post)
    good = {f"g{n}.peers.test" for n in range(180)}
    bad = {f"b{n}.peers.test" for n in range(20)}
    let = asyncio.Event()

    async def waits(sockets, host, body, writer):
        await let.wait()
        await takes(sockets, host, body, writer)

    world.sockets.does |= dict.fromkeys(bad, waits)
    ada, home = await garden(world, *sorted(good | bad))
    worker, stop = Deliverer(world.app), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    sockets = world.sockets
    try:
        for number in range(1, 3):
            await world.start(ada, home, f"number {number}")
            await sockets.until(lambda n=number: _have(sockets, good, n))
            assert not bad & sockets.taken.keys()
        let.set()
        await sockets.until(lambda: _have(sockets, bad, 2))
    finally:
        let.set()
        stop.set()
        await asyncio.wait_for(running, 60)
    assert {tuple(said) for said in sockets.taken.values()} == {
        tuple(sockets.taken["g0.peers.test"])
    }


def _have(sockets: Sockets, hosts: set[str], number: int) -> bool:
    return all(len(sockets.taken.get(host, ())) == number for host in hosts)
