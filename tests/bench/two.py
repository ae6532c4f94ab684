"""Two worker processes on one PostgreSQL: what a delivery costs, and what is left of one killed."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import mean, median

import orjson
from sqlalchemy import select

from fedcop.outbox.models import Told
from tests.bench.audience import listen, say, waiting
from tests.bench.databases import Place
from tests.bench.measure import Figure, rounds
from tests.bench.others import Others, others
from tests.bench.town import Town, town

_HOSTS, _THINGS = 500, 4
_LOOK = 0.1


async def workers(place: Place, many: int) -> list[Figure]:
    """Two processes deliver together; then one of them is killed in the middle."""
    hosts = _HOSTS // 5 if place.quick else _HOSTS
    async with (
        others(place.folder) as there,
        town(place.database(), place.folder, there.transport(), 0, development=True) as here,
    ):
        await listen(here, there.inboxes(hosts))
        async with _worker(here, there) as one, _worker(here, there) as two:
            both = (one, two)
            limits: list[float] = []

            async def work() -> float:
                # both at once, as they deliver: two cores at work are slower than one
                limits.append(mean(await asyncio.gather(*(_ask(it, "sign") for it in both))))
                before = sum([await _ask(it, "cpu") for it in both])
                await _tell(here, there)
                await _all_settled(here)
                arrived = await there.ledger()
                assert arrived["taken"] == arrived["distinct"] == hosts * _THINGS
                return (sum([await _ask(it, "cpu") for it in both]) - before) / (hosts * _THINGS)

            value = await rounds(many, work)
            seconds, again = await _kill_one(here, there, one, hosts)
    return [
        Figure(
            name="fanout-two-workers",
            on=place.kind,
            value=value,
            unit="delivery",
            limit=median(limits),
            limit_name="RSA signature, made by both at once",
            must=0.45,
            aim=0.55,
            note=f"{hosts:,} hosts over http, {_THINGS} things to each, both processes together",
        ),
        Figure(
            name="fanout-one-killed",
            on=place.kind,
            value=seconds * 1e6,
            of="µs by the clock",
            unit="worker killed",
            must=30e6,
            aim=25e6,
            note=f"until the other has brought all; none lost, {again} brought twice",
        ),
    ]


async def _kill_one(
    here: Town, there: Others, one: asyncio.subprocess.Process, hosts: int
) -> tuple[float, int]:
    """The seconds from the kill to the last arrival; how many were brought a second time."""
    await _tell(here, there)
    await there.ledger(f"until {hosts * _THINGS // 4}")
    one.kill()
    killed = time.monotonic()
    await one.wait()
    await _all_settled(here)
    arrived = await there.ledger()
    assert arrived["distinct"] == hosts * _THINGS, "something was lost"
    return arrived["last"] - killed, arrived["taken"] - arrived["distinct"]


async def _tell(here: Town, there: Others) -> None:
    await there.ledger("forget")
    for _ in range(_THINGS):
        await say(here)


async def _all_settled(here: Town) -> None:
    async with asyncio.timeout(120):
        while await waiting(here) or await _untold(here):  # noqa: ASYNC110  other processes work
            await asyncio.sleep(_LOOK)


async def _untold(here: Town) -> bool:
    query = select(Told.id).where(~Told.spread).limit(1)
    return await here.house.app.read(lambda session: session.scalar(query)) is not None


async def _ask(process: asyncio.subprocess.Process, what: str) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{what}\n".encode())
    return int(await process.stdout.readline())


@asynccontextmanager
async def _worker(here: Town, there: Others) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    given = {
        "host": here.settings.host,
        "database_url": here.settings.database_url,
        "data_dir": str(here.settings.data_dir),
        "secret_key": here.settings.secret_key.get_secret_value(),
        "development": True,
        "authority": None if there.authority is None else str(there.authority),
    }
    process.stdin.write(orjson.dumps(given) + b"\n")
    try:
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.stdin.close()
            await process.wait()
