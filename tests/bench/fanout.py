"""Benchmarks of telling: one thing said, to many hosts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import text

from fedcop.outbox import publish, spreading
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.audience import bring, forget, listen, say, waiting, working
from tests.bench.databases import Place
from tests.bench.limits import signing
from tests.bench.measure import Cpu, Figure, rounds
from tests.bench.others import lines_for_nobody, others
from tests.bench.town import Town, town

MANY, WARM = 10_000, 2_000
_TRIES = 20


async def told(place: Place, many: int) -> list[Figure]:
    """What telling 10,000 hosts adds to the cost of saying, and what spreading it costs."""
    async with town(place.database(), place.folder, speakers=0) as here:
        await listen(here, [f"https://n{n}.example/inbox" for n in range(MANY)])
        told_costs, silent_costs = [], []
        for _ in range(_TRIES + 1):
            told_costs.append(await say(here))
            with _telling_nobody():
                silent_costs.append(await say(here))
        await forget(here)
        added = median(told_costs[1:]) - median(silent_costs[1:])

        async def spread() -> float:
            await say(here)
            before = await _backends(here)
            with Cpu() as cpu:
                await here.house.app.db.write(spreading.spread)
            cost = cpu.us + await _backends(here) - before
            rows = await waiting(here)
            assert rows == MANY, f"{rows} deliveries"
            await forget(here)
            return cost

        value = await rounds(many, spread)
    sqlite = place.kind == "sqlite"
    return [
        Figure(
            name="fanout-told",
            on=place.kind,
            value=added,
            unit="starter",
            must=1_000,
            aim=300,
            note=f"added to the transaction, {MANY:,} hosts listen",
        ),
        Figure(
            name="fanout-spread",
            on=place.kind,
            value=value,
            unit=f"{MANY:,} rows",
            must=15_000 if sqlite else 40_000,
            aim=8_000 if sqlite else 20_000,
            note="" if sqlite else "with the processes of PostgreSQL",
        ),
    ]


@contextmanager
def _telling_nobody() -> Iterator[None]:
    """Everything else that saying a thing needs is done."""
    once = UnitOfWork.once

    def all_but_telling(uow: UnitOfWork, statement: Any, row: Any) -> None:
        if statement is not publish._TELL:
            once(uow, statement, row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "once", all_but_telling)
        yield


async def _backends(here: Town) -> float:
    """The CPU µs that the database's own processes have used for us; none with SQLite."""
    if here.house.app.db.is_sqlite:
        return 0.0
    query = text("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'fedcop%'")
    pids = await here.house.app.read(lambda session: session.scalars(query).all())
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return sum(int(file.read_text().split()[0]) / 1000 for file in files if file.exists())


async def warm(place: Place, many: int) -> list[Figure]:
    """Deliveries to 2,000 hosts with open connections: signed, claimed, settled, written down."""
    return [
        await _warm(place, many, tls=False, must=0.45, aim=0.55),
        await _warm(place, many, tls=True, must=0.42, aim=0.50),
    ]


async def _warm(place: Place, many: int, *, tls: bool, must: float, aim: float) -> Figure:
    hosts = WARM // 4 if place.quick else WARM
    async with (
        others(place.folder, tls=tls) as there,
        town(place.database(), place.folder, there.transport(), 0, development=True) as here,
    ):
        await listen(here, there.inboxes(hosts))
        limits: list[float] = []

        async def work() -> float:
            limits.append(signing(here.key, 1))
            await say(here)
            cost = await bring(here, hosts)
            assert await waiting(here) == 0
            return cost / hosts

        with lines_for_nobody():
            await work()  # opens the connections
            value = await rounds(many, work)
        arrived = await there.ledger()
        assert arrived["taken"] == arrived["distinct"] == hosts * (many + 2)
        return Figure(
            name=f"fanout-warm {'https' if tls else 'http'}",
            on=place.kind,
            value=value,
            unit="delivery",
            limit=median(limits),
            limit_name="RSA signature",
            must=must,
            aim=aim,
            note=f"{hosts:,} hosts, one thing to each",
        )


async def arrival(place: Place, many: int) -> list[Figure]:
    """How long it takes until the last of 300 hosts has what somebody says, by the clock."""
    hosts = 300
    async with (
        others(place.folder, tls=True) as there,
        town(place.database(), place.folder, there.transport(), 0, development=True) as here,
    ):
        await listen(here, there.inboxes(hosts))

        async def work() -> float:
            await there.ledger("forget")
            async with working(here):
                began = time.monotonic()
                await say(here)
                arrived = await there.ledger(f"until {hosts}")
            assert arrived["distinct"] == hosts
            return (arrived["last"] - began) * 1e6

        with lines_for_nobody():
            value = await rounds(max(many, 5), work)
    return [
        Figure(
            name="fanout-arrival",
            on=place.kind,
            value=value,
            of="µs by the clock",
            unit=f"post to {hosts} hosts",
            must=500_000,
            aim=200_000,
            note="from the action to the last arrival, https, connections kept",
        )
    ]
