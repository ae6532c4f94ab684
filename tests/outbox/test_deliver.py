"""The delivery worker: order, retries, parking and return, many hosts side by side."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update

from fedcop.domain.network.hosts import heard_from_all
from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor
from fedcop.ids import new_id
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.health import Hearer, Outcome, Verdict, stops_the_host, verdict
from fedcop.outbox.models import Delivery, Lane
from fedcop.outbox.publish import bring
from fedcop.work.unit_of_work import UnitOfWork
from tests.outbox.garden import garden, waiting

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, "delivered"),
        (202, "delivered"),
        (299, "delivered"),
        (400, "refused"),
        (403, "refused"),
        (404, "missing"),
        (410, "missing"),
        (401, "later"),
        (408, "later"),
        (425, "later"),
        (429, "later"),
        (500, "later"),
        (503, "later"),
        (302, "later"),
    ],
)
def test_what_an_answer_means(status, means):
    assert verdict(status) == means
    assert stops_the_host(status) == (status in {429, 503})


async def test_in_order_and_for_good(here):
    ada, home = await garden(here, "l.example")
    root = await here.start(ada, home, "first")
    for number in range(7):
        await here.reply(ada, root, f"reply {number}")
    worker = Deliverer(here.app, each=3)
    tried = [await worker.run_once() for _ in range(4)]
    assert tried == [3, 3, 2, 0]
    texts = [d["object"]["object"]["source"]["content"] for _, d in here.net.brought]
    assert texts == ["first", *(f"reply {n}" for n in range(7))]
    host = await here.host("l.example")
    assert host.last_success_at is not None
    assert host.failing_since is None
    assert all(r.headers["signature"] for r in here.net.requests)
    assert {r.url.path for r in here.net.requests} == {"/inbox"}


async def test_a_failure_stops_the_lane_and_is_tried_again(here):
    ada, home = await garden(here, "l.example", "other.example")
    await here.start(ada, home)
    root = await here.start(ada, home)
    here.net.answers["l.example"] = [500, 202]
    worker = Deliverer(here.app)
    assert await worker.run_once() == 3
    assert here.net.heard("l.example") == []
    assert len(here.net.heard("other.example")) == 2
    host = await here.host("l.example")
    assert (host.failures, host.last_error) == (1, "It answered 500.")
    wait = host.next_try_at - datetime.now(UTC)
    assert timedelta(seconds=45) < wait < timedelta(seconds=73)
    await here.reply(ada, root)
    assert await worker.run_once() == 1  # only the other one
    await here.retry_now("l.example")
    assert await worker.run_once() == 3
    assert len(here.net.heard("l.example")) == 3
    assert await waiting(here) == 0
    assert (await here.host("l.example")).failures == 0


async def test_a_full_lane_does_not_hold_up_another(here):
    ada, home = await garden(here, "l.example")
    root = await here.start(ada, home)
    eve = (await here.rows(Actor, Actor.name == "eve"))[0].id

    def control(uow: UnitOfWork):
        activity = uow.session.scalars(select(Activity).order_by(Activity.id).limit(1)).one()
        bring(uow, activity, [uow.get(Actor, eve)], Lane.VOTES)

    await here.act(control)
    await here.reply(ada, root)
    here.net.answers["l.example"] = [500, 202]
    assert await Deliverer(here.app).run_once() == 2
    assert {row.lane for row in await here.rows(Delivery)} == {Lane.CONTENT}
    host = await here.host("l.example")
    assert host.failing_since is None  # it took something
    assert host.failures == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after(here, status):
    ada, home = await garden(here, "l.example")
    await here.start(ada, home)
    await here.start(ada, home)
    here.net.answers["l.example"] = [httpx.Response(status, headers={"retry-after": "1800"}), 202]
    worker = Deliverer(here.app)
    assert await worker.run_once() == 1
    host = await here.host("l.example")
    wait = (host.next_try_at - datetime.now(UTC)).total_seconds()
    assert 1790 < wait <= 1800
    assert (host.failing_since is None) == (status == 429)
    await here.retry_now("l.example")
    assert await worker.run_once() == 2


async def test_what_is_refused_is_not_tried_again(here):
    ada, home = await garden(here, "l.example")
    await here.start(ada, home)
    here.net.answers["l.example"] = [403]
    assert await Deliverer(here.app).run_once() == 1
    assert await waiting(here) == 0
    assert (await here.host("l.example")).failing_since is None
    text = here.app.metrics.text().decode()
    assert 'fedcop_deliveries_total{outcome="refused"} 1.0' in text


async def test_the_second_knock_is_remembered(here):
    ada, home = await garden(here, "l.example")
    await here.start(ada, home)
    here.net.answers["l.example"] = [401, 202]
    await Deliverer(here.app).run_once()
    assert (await here.host("l.example")).signature_spec == "rfc9421"
    assert len(here.net.heard("l.example")) == 1


async def test_parked_after_a_week_and_welcomed_back(here):
    ada, home = await garden(here, "l.example", "up.example")
    root = await here.start(ada, home)
    worker = Deliverer(here.app)
    await worker.run_once()
    here.net.silent.add("l.example")
    week = datetime.now(UTC) - timedelta(days=8)
    await here.reply(ada, root, "missed 1")
    await worker.run_once()
    host = await here.host("l.example")
    assert host.failing_since is not None
    assert host.last_error
    await here.change("l.example", failing_since=week)
    await here.retry_now("l.example")
    await worker.run_once()
    host = await here.host("l.example")
    assert host.parked
    assert host.next_try_at > datetime.now(UTC) + timedelta(hours=20)

    def let_age(uow: UnitOfWork):  # what waits for it is older than a week now
        old = new_id(datetime.now(UTC) - timedelta(days=9))
        uow.session.execute(update(Delivery).values(activity_id=old))

    await here.act(let_age)
    await here.reply(ada, root, "missed 2")
    assert await worker.run_once() == 1  # the other host
    assert await waiting(here) == 1

    # the daily probe: still silent
    await here.retry_now("l.example")
    probing = Deliverer(here.app)
    await probing.run_once()
    assert (await here.host("l.example")).parked
    assert await waiting(here) == 0

    # it speaks to us: so it is up
    here.net.silent.clear()
    await here.act(lambda uow: heard_from_all(uow, ["l.example"]))
    assert await worker.run_once() == 3  # what it got before it fell silent is told again, too
    assert len(here.net.heard("l.example")) == 4
    host = await here.host("l.example")
    assert not host.parked
    assert host.failing_since is None
    assert await worker.run_once() == 0


async def test_the_daily_probe_brings_a_host_back(here):
    ada, home = await garden(here, "l.example")
    month = datetime.now(UTC) - timedelta(days=12)
    await here.change("l.example", parked=True, failing_since=month)
    await here.start(ada, home)
    worker = Deliverer(here.app)
    await worker.run_once()
    assert len(here.net.heard("l.example")) == 1
    assert not (await here.host("l.example")).parked


async def test_an_activity_that_always_fails_is_dropped_after_a_week(here):
    ada, home = await garden(here, "l.example")
    await here.start(ada, home)
    old = new_id(datetime.now(UTC) - timedelta(days=8))

    def poison(uow: UnitOfWork):
        eve = uow.session.scalars(select(Actor).where(Actor.name == "eve")).one()
        activity = Activity(
            id=old,
            uri="https://cop.example/activity/1",
            type="Like",
            body=b"{}",
            actor_uri="https://cop.example/u/ada",
            local=True,
        )
        uow.add(activity)
        bring(uow, activity, [eve])

    await here.act(poison)
    here.net.answers["l.example"] = [500, 202]
    assert await Deliverer(here.app).run_once() == 2
    assert len(here.net.heard("l.example")) == 1
    assert await waiting(here) == 0


async def test_what_cannot_be_signed_is_not_tried_for_ever(here):
    await garden(here, "l.example")

    def orphan(uow: UnitOfWork):
        eve = uow.session.scalars(select(Actor).where(Actor.name == "eve")).one()
        activity = Activity(
            uri="https://cop.example/activity/1", type="Like", body=b"{}", actor_uri=eve.uri
        )
        uow.add(activity)
        bring(uow, activity, [eve])

    await here.act(orphan)
    assert await Deliverer(here.app).run_once() == 0
    assert await waiting(here) == 0


async def test_a_bug_in_a_turn_is_not_the_hosts_fault(here, monkeypatch):
    ada, home = await garden(here, "l.example")
    await here.start(ada, home)

    async def broken(actor_id):
        raise RuntimeError("a bug")

    monkeypatch.setattr(type(here.app), "key_of", lambda self, actor_id: broken(actor_id))
    await Deliverer(here.app).run_once()
    host = await here.host("l.example")
    assert "our side" in host.last_error
    assert host.failing_since is None
    assert await waiting(here) == 1


async def test_a_refresh_of_what_a_host_runs(here):
    await garden(here, "a.example", "b.example", software="mastodon")
    long_ago = datetime.now(UTC) - timedelta(days=2)
    await here.change("a.example", asked_at=long_ago)
    await here.change("b.example", asked_at=long_ago)
    here.net.software |= {"a.example": "piefed", "b.example": None}
    await Deliverer(here.app).run_once()
    a, b = await here.host("a.example"), await here.host("b.example")
    assert (a.software, a.dialect, a.view) == ("piefed", "forum", "native")
    assert (b.software, b.dialect, b.view) == ("mastodon", "microblog", "note")
    assert b.asked_at > long_ago


async def test_a_host_that_hangs_holds_nobody_up(here):
    ada, home = await garden(here, "l.example", "slow.example")
    gate, came = asyncio.Event(), asyncio.Event()

    async def arrive(host):
        if host == "slow.example":
            await gate.wait()
        else:
            came.set()

    here.net.on_post = arrive
    worker, stop = Deliverer(here.app), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        for number in range(5):
            came.clear()
            await here.start(ada, home, f"number {number}")
            await asyncio.wait_for(came.wait(), 60)
    finally:
        gate.set()
        stop.set()
        await asyncio.wait_for(running, 60)
    assert len(here.net.heard("slow.example")) >= 1
    await Deliverer(here.app).run_once()
    assert len(here.net.heard("slow.example")) == 5
    assert await waiting(here) == 0


async def test_stopping_settles_what_arrived(here):
    ada, home = await garden(here, "l.example")
    for number in range(3):
        await here.start(ada, home, f"number {number}")
    started, gate = asyncio.Event(), asyncio.Event()

    async def arrive():
        started.set()
        await gate.wait()

    here.net.on_post = lambda host: arrive()
    worker, stop = Deliverer(here.app), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(started.wait(), 10)
    stop.set()
    gate.set()
    await asyncio.wait_for(running, 20)
    assert await waiting(here) == 0
    assert len(here.net.heard("l.example")) == 3


def test_the_state_of_a_host_after_a_turn():
    now = datetime.now(UTC)
    host = Hearer(1, "h", "native", "cavage", 3, now - timedelta(days=2), None)
    outcome = Outcome(host)
    outcome.put_off("one", 500, 10)
    outcome.put_off("two", 429, 60)
    after = outcome.after(now)
    assert after["last_error"] == "one"
    assert after["failures"] == 4
    assert after["next_try_at"] == now + timedelta(seconds=60)
    assert after["failing_since"] == now - timedelta(days=2)
    assert not after["parked"]
    nothing = Outcome(host).after(now)
    assert nothing["failures"] == 0
    assert nothing["failing_since"] == host.failing_since
    assert Verdict.DROPPED == "dropped"
