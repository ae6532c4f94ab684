"""Jobs are carried out once, again if they failed, and given up in the end; loops keep running."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from fedcop.db.engine import Database
from fedcop.db.notify import listen, notify
from fedcop.errors import NotFound, Unreachable
from fedcop.settings import Settings
from fedcop.work.jobs import Job
from fedcop.work.queue import State, back_off
from fedcop.work.runner import JobRunner
from fedcop.work.schedule import Schedule
from fedcop.work.wake import Wake
from fedcop.work.worker import Worker

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(migrated_url):
    database = Database(Settings(host="a.test", database_url=migrated_url).database)
    yield database
    await database.close()


async def jobs(db):
    return await db.read(lambda session: session.scalars(select(Job)).all())


async def add(db, name, **payload):
    now = datetime.now(UTC)
    await db.write(lambda session: session.add(Job(name=name, payload=payload, due_at=now)))


async def make_due(db):
    long_ago = datetime.now(UTC) - timedelta(seconds=1)
    await db.write(lambda session: session.execute(update(Job).values(due_at=long_ago)) and None)


async def test_a_job_is_carried_out_once_and_forgotten(db):
    seen = []

    async def greet(payload):
        seen.append(payload["who"])

    runner = JobRunner(db, Wake(), {"greet": greet})
    await add(db, "greet", who="ada")
    assert await runner.run_once() == 1
    assert await runner.run_once() == 0
    assert seen == ["ada"]
    assert await jobs(db) == []


async def test_two_runners_do_each_job_once(db):
    seen = []

    async def note(payload):
        seen.append(payload["n"])

    for n in range(20):
        await add(db, "note", n=n)
    two = [JobRunner(db, Wake(), {"note": note}) for _ in range(2)]

    async def work(runner):
        while await runner.run_once():
            pass

    await asyncio.gather(*map(work, two))
    assert sorted(seen) == list(range(20))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("asleep"), State.WAITING),
        (RuntimeError("a bug"), State.WAITING),
        (NotFound("gone for good"), State.DEAD),
    ],
)
async def test_trouble_is_kept_in_words_and_tried_again_if_it_passes(db, error, state):
    async def fail(_):
        raise error

    await add(db, "fail")
    await JobRunner(db, Wake(), {"fail": fail}).run_once()
    [job] = await jobs(db)
    assert job.state == state
    assert str(error) in job.error
    assert job.attempts == 1
    if state == State.WAITING:
        assert job.due_at > datetime.now(UTC)


async def test_a_job_that_always_fails_is_given_up(db):
    async def fail(_):
        raise Unreachable("asleep")

    runner = JobRunner(db, Wake(), {"fail": fail})
    await add(db, "fail")
    for _ in range(13):
        await make_due(db)
        await runner.run_once()
    assert [job.state for job in await jobs(db)] == [State.DEAD]


async def test_what_is_scheduled_writes_down_its_next_time(db):
    swept = []
    schedule = Schedule({"sweep": (timedelta(hours=1), lambda session, now: swept.append(now))})
    await schedule.begin(db)
    await schedule.begin(db)
    assert len(await jobs(db)) == 1
    runner = JobRunner(db, Wake(), schedule.carriers(db))
    assert await runner.run_once() == 0
    await make_due(db)
    assert await runner.run_once() == 1
    [job] = await jobs(db)
    assert len(swept) == 1
    assert job.due_at > datetime.now(UTC) + timedelta(minutes=50)


async def test_the_runner_wakes_when_called_and_ends_when_told(db):
    done, stop, wake = asyncio.Event(), asyncio.Event(), Wake()

    async def finish(_):
        done.set()

    running = asyncio.create_task(JobRunner(db, wake, {"finish": finish}).run(stop))
    await add(db, "finish")
    wake.call("jobs")
    async with asyncio.timeout(20):
        await done.wait()
        stop.set()
        wake.call("jobs")
        await running


async def test_a_loop_that_fails_is_begun_again():
    begun, stop = [], asyncio.Event()

    async def fail_twice(stop):
        begun.append(len(begun))
        if len(begun) == 1:
            raise RuntimeError("a bug")
        if len(begun) == 2:
            raise Unreachable("no database")
        await stop.wait()

    worker = Worker({"shaky": fail_twice})
    assert not worker.is_alive
    running = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(20):
        while len(begun) < 3 or not worker.is_alive:  # noqa: ASYNC110  two pauses of a second
            await asyncio.sleep(0.05)
    stop.set()
    await running
    assert not worker.is_alive


async def test_one_process_wakes_another(db):
    heard, stop = asyncio.Event(), asyncio.Event()
    listening = asyncio.create_task(listen(db, lambda *names: heard.set(), stop))
    async with asyncio.timeout(20):
        if not db.is_sqlite:
            while not heard.is_set():
                await db.write(lambda session: notify(session, ["jobs"]))
                await asyncio.sleep(0.02)
        stop.set()
        await listening


async def test_a_call_that_nobody_waits_for_is_kept():
    wake = Wake()
    wake.call("inbox")
    assert await wake.wait("inbox", 20)
    assert not await wake.wait("inbox", 0.001)
    assert not await wake.wait("outbox", 0.001)


def test_waits_grow_and_are_bounded():
    waits = [back_off(attempts) for attempts in range(20)]
    assert waits[0] < timedelta(minutes=2)
    assert max(waits) < timedelta(days=1.3)
