"""Several processes on one PostgreSQL database share the work, each piece done once."""

import asyncio

import pytest
from sqlalchemy import func, select

from fedcop.bootstrap import build
from fedcop.domain.network.models import Activity

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("fediverse", ["postgresql"], indirect=True),
]


async def until(condition, seconds=60.0):
    """Wait for something to become true, looking often; a failure after so many seconds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  what is waited for is in another process
            await asyncio.sleep(0.05)


async def test_one_process_answers_and_another_works(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()

    other = build(red.house.app.settings, fediverse.wires)
    stop = asyncio.Event()
    working = asyncio.create_task(other.run_worker(stop))
    try:
        frost = await ada.write(gardeners, "Frost in May?")  # said in the process without a worker

        async def arrived():
            await blue.work()
            return bool(await blue.thread(frost))

        await until(arrived)
        answer = await bob.reply(frost, "Fleece.")

        async def answered():
            await blue.work()
            return len(await red.thread(frost)) == 2

        await until(answered)
        assert (await red.thread(frost))[1][0] == answer
    finally:
        stop.set()
        await working
        await other.close()


async def test_two_workers_bring_everything_once(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    before = len(fediverse.wires.sent)

    others = [build(red.house.app.settings, fediverse.wires) for _ in range(2)]
    stop = asyncio.Event()
    working = [asyncio.create_task(other.run_worker(stop)) for other in others]
    try:
        written = [await ada.write(gardeners, f"Question {n}") for n in range(30)]

        async def arrived():
            await blue.work()
            return all([await blue.thread(uri) for uri in written])

        await until(arrived)
    finally:
        stop.set()
        await asyncio.gather(*working)
        for other in others:
            await other.close()
    posts = [r for r in fediverse.wires.sent[before:] if r.method == "POST"]
    assert len(posts) == 30
    announced = select(func.count()).select_from(Activity).where(Activity.type == "Announce")
    assert await red.read(lambda session: session.scalar(announced)) == 60
