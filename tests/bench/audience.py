"""Who listens to the community that is measured, and what is said to them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from fedcop.db.among import on_postgresql
from fedcop.db.columns import LONG_AGO
from fedcop.domain.communities.models import Audience, Community
from fedcop.domain.network.models import Host, RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.ids import new_id
from fedcop.outbox import spreading
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.models import Delivery
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.measure import Cpu
from tests.bench.town import Town

_LOOK = 0.005


async def say(here: Town) -> float:
    """Somebody starts a discussion; the CPU µs of the transaction."""

    def act(uow: UnitOfWork) -> None:
        words = compose_starter(uow.session, uow.uris, "How much water?", "Every day? " * 30)
        start(uow, uow.get(Actor, here.ada), uow.get(Community, here.garden), words)

    with Cpu() as cpu:
        await here.house.app.act(act)
    return cpu.us


async def listen(here: Town, inboxes: list[str]) -> None:
    """Let these addresses, and no others, be the community's audience; nothing waits for them."""
    hosts = [_host(uri.split("/")[2]) for uri in inboxes]
    pairs = list(zip(inboxes, hosts, strict=True))
    places = [{"id": new_id(), "uri": uri, "host_id": host["id"]} for uri, host in pairs]
    rows = [
        {"community_id": here.garden, "inbox_id": place["id"], "host_id": place["host_id"]}
        for place in places
    ]

    def work(session: Session) -> None:
        for table in (Audience, RemoteInbox, Host):
            session.execute(delete(table))
        session.execute(insert(Host), hosts)
        session.execute(insert(RemoteInbox), places)
        session.execute(insert(Audience), rows)
        if on_postgresql(session):  # as it does by itself when a table has grown
            session.execute(text("ANALYZE"))

    await forget(here)
    await here.house.app.db.write(work)


def _host(name: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": name,
        "software": "lemmy",
        "dialect": "forum",
        "view": "native",
        "asked_at": datetime.now(UTC),
        "signature_spec": "cavage",
        "parked": False,
        "failures": 0,
        "next_try_at": LONG_AGO,
        "leased_until": LONG_AGO,
    }


async def forget(here: Town) -> None:
    """Spread what was told, and bring it to nobody."""

    def work(session: Session) -> None:
        while spreading.spread(session):
            pass
        session.execute(delete(Delivery))

    await here.house.app.db.write(work)


async def waiting(here: Town) -> int:
    """How many deliveries wait."""
    query = select(func.count()).select_from(Delivery)
    return await here.house.app.read(lambda session: session.scalar(query)) or 0


def brought(here: Town) -> int:
    """How many deliveries this server has made so far."""
    counter = here.house.app.metrics.delivered.labels(outcome="delivered")
    return int(next(iter(counter.collect())).samples[0].value)


async def bring(
    here: Town,
    many: int,
    deliverer: Deliverer | None = None,
    look: Callable[[], None] = lambda: None,
) -> float:
    """Let the delivery worker run until so many more deliveries were made; the CPU µs of it all.

    `look` is called now and then meanwhile.
    """
    until = brought(here) + many
    with Cpu() as cpu:
        async with working(here, deliverer), asyncio.timeout(300):
            while brought(here) < until:
                look()
                await asyncio.sleep(_LOOK)
    return cpu.us


@asynccontextmanager
async def working(here: Town, deliverer: Deliverer | None = None) -> AsyncIterator[None]:
    """The delivery worker runs meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task((deliverer or here.house.deliverer).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
