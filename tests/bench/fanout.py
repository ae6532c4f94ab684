"""Benchmarks of telling: one thing said, to many hosts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from fedcop.db.columns import LONG_AGO
from fedcop.domain.communities.models import Audience, Community
from fedcop.domain.network.models import Host, RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.ids import new_id
from fedcop.net.transport import AiohttpTransport
from fedcop.outbox import queue
from fedcop.outbox.models import Delivery
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.databases import Place
from tests.bench.limits import signing
from tests.bench.measure import Cpu, Figure, rounds
from tests.bench.town import Town, town

_FEW, _MANY, _WARM = 100, 10_000, 200


async def told(place: Place, many: int) -> list[Figure]:
    """What saying a thing costs its author, and what spreading it over 10,000 hosts costs."""
    found: list[Figure] = []
    async with town(place.database(), place.folder, speakers=0) as here:
        costs: list[float] = []
        for hosts in (_FEW, _MANY):
            await _listen(here, [f"https://n{n}.example/inbox" for n in range(hosts)])
            costs.append(await rounds(many, lambda: _say(here)))
            await _forget(here)
        found.append(
            Figure(
                name="fanout-told",
                on=place.kind,
                value=costs[1],
                unit="starter",
                limit=costs[0],
                limit_name=f"the same to {_FEW} hosts",
                aim=0.5,
                note=f"one transaction, {_MANY:,} hosts listen",
            )
        )

        async def spread() -> float:
            await _say(here)
            with Cpu() as cpu:
                await here.house.app.db.write(queue.spread)
            rows = await _waiting(here)
            assert rows == _MANY, f"{rows} deliveries"
            await _forget(here)
            return cpu.us / rows

        value = await rounds(many, spread)
        found.append(Figure(name="fanout-spread", on=place.kind, value=value, unit="row", aim=5.0))
    return found


async def warm(place: Place, many: int) -> list[Figure]:
    """Deliveries to 200 hosts with open connections, signed for each, claimed and settled."""
    transport = AiohttpTransport(allow_private=True)
    async with (
        _sink() as port,
        town(place.database(), place.folder, transport, 0, development=True) as here,
    ):
        await _listen(here, [f"http://n{n}.localhost:{port}/inbox" for n in range(_WARM)])
        await _forget(here)
        things = 2 if place.quick else 5

        async def work() -> float:
            for _ in range(things):
                await _say(here)
            waiting = things * _WARM
            with Cpu() as cpu:
                brought = 0
                while tried := await here.house.deliverer.run_once():
                    brought += tried
            assert brought == waiting, f"{brought} of {waiting} were brought"
            assert await _waiting(here) == 0
            return cpu.us / brought

        await work()  # opens the connections
        value = await rounds(many, work)
        return [
            Figure(
                name="fanout-warm",
                on=place.kind,
                value=value,
                unit="delivery",
                limit=signing(here.key, many),
                limit_name="RSA signature",
                aim=0.5,
                note=f"{_WARM} hosts over http",
            )
        ]


async def _say(here: Town) -> float:
    """Somebody starts a discussion; the CPU µs of the transaction."""

    def act(uow: UnitOfWork) -> None:
        words = compose_starter(uow.session, uow.uris, "How much water?", "Every day? " * 30)
        start(uow, uow.get(Actor, here.ada), uow.get(Community, here.garden), words)

    with Cpu() as cpu:
        await here.house.app.act(act)
    return cpu.us


async def _listen(here: Town, inboxes: list[str]) -> None:
    """Let these addresses belong to the community's audience, and nothing wait for anybody."""
    hosts = [
        {
            "id": new_id(),
            "name": uri.split("/")[2],
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
        for uri in inboxes
    ]
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

    await here.house.app.db.write(work)


async def _forget(here: Town) -> None:
    """Spread what was told, and bring it to nobody."""

    def work(session: Session) -> None:
        while queue.spread(session):
            pass
        session.execute(delete(Delivery))

    await here.house.app.db.write(work)


async def _waiting(here: Town) -> int:
    query = select(func.count()).select_from(Delivery)
    return await here.house.app.read(lambda session: session.scalar(query)) or 0


@asynccontextmanager
async def _sink() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.sink",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write(b"{}\n")
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()
