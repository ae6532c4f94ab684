"""A batch asks and writes by sets: the number of its statements does not grow with it."""

import asyncio

import httpx
import pytest
from sqlalchemy import func, select

from fedcop.domain.notifications.models import Notification
from fedcop.domain.posts.models import Post, Vote
from fedcop.inbox.models import InboxMessage
from fedcop.outbox.models import Delivery, Told
from tests.bench.town import HOST, Town
from tests.speed.counting import counted

pytestmark = pytest.mark.anyio
MOST = 30


async def count(here: Town, table: type) -> int:
    query = select(func.count()).select_from(table)
    return await here.house.app.read(lambda session: session.scalar(query)) or 0


async def test_twenty_replies(here: Town) -> None:
    await here.keep([here.reply() for _ in range(20)])
    before, waiting = await count(here, Told), await count(here, Delivery)
    with counted(here.house.app.db) as found:
        await here.house.processor.run_once(20)
    assert await count(here, Post) == 21
    assert await count(here, Notification) == 20
    assert await count(here, Told) - before == 20, "one row for each thing told, however many hear"
    assert await count(here, Delivery) == waiting
    assert len(found.statements) < MOST, found.said
    assert len(found.about("SELECT", " IN (")) <= 8, found.said
    assert len(found.about("INSERT INTO posts")) == 1, "one flush"


async def test_twenty_replies_cost_as_many_statements_as_two(here: Town) -> None:
    sizes: list[int] = []
    for many in (2, 20):
        await here.keep([here.reply() for _ in range(many)])
        with counted(here.house.app.db) as found:
            await here.house.processor.run_once(20)
        sizes.append(len(found.statements))
    assert sizes[0] == sizes[1]


async def test_twenty_votes(here: Town) -> None:
    await here.keep([here.like(here.starter) for _ in range(20)])
    with counted(here.house.app.db) as found:
        await here.house.processor.run_once(20)
    assert await count(here, Vote) == 20
    assert len(found.statements) < MOST, found.said


async def test_a_spoilt_batch_costs_no_more_than_a_few_statements_each(here: Town) -> None:
    await here.keep([here.reply(content="" if n == 7 else "<p>Yes.</p>") for n in range(20)])
    with counted(here.house.app.db) as found:
        await here.house.processor.run_once(20)
    assert await count(here, Post) == 20
    assert len(found.statements) < 20 * 14, found.said


async def test_a_hundred_requests_share_a_few_commits(here: Town) -> None:
    transport = httpx.ASGITransport(here.house.web)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:

        async def knock() -> int:
            head, _, body = here.signed(*here.reply()).partition(b"\r\n\r\n")
            pairs = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
            answer = await client.post("/inbox", content=body, headers=dict(pairs))
            return answer.status_code

        await asyncio.gather(*(knock() for _ in range(20)))  # their keys are known now
        with counted(here.house.app.db) as found:
            answers = await asyncio.gather(*(knock() for _ in range(100)))
    assert set(answers) == {202}
    assert await count(here, InboxMessage) == 120
    assert len(found.about("INSERT INTO inbox_messages")) <= 10, found.said
    assert found.commits <= 10


async def test_a_second_delivery_writes_nothing(here: Town) -> None:
    said = [here.reply() for _ in range(20)]
    await here.keep(said)
    await here.house.processor.run_once(20)
    posts = await count(here, Post)
    await here.keep(said)
    with counted(here.house.app.db) as found:
        await here.house.processor.run_once(20)
    assert await count(here, Post) == posts
    assert not found.about("INSERT"), found.said
