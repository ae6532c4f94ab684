"""The work behind lets those who are being answered pass."""

import asyncio
import time

import pytest

from fedcop.work.traffic import Traffic

pytestmark = pytest.mark.anyio


async def test_the_work_waits_until_nobody_is_being_answered():
    traffic, order = Traffic(), []

    async def page():
        with traffic:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            order.append("page")

    async def batch():
        await traffic.lull(60)
        order.append("batch")

    first = asyncio.create_task(page())
    await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(first, batch()), 60)
    assert order == ["page", "batch"]
    assert traffic.is_lively


async def test_it_does_not_wait_for_ever():
    traffic = Traffic()
    with traffic:
        await asyncio.wait_for(traffic.lull(0.01), 60)


async def test_who_is_ready_at_once_goes_one_after_the_other_while_it_is_lively():
    traffic = Traffic()
    await asyncio.wait_for(asyncio.gather(*(traffic.turn() for _ in range(1_000))), 60)
    with traffic:
        began = time.monotonic()
        await asyncio.gather(*(traffic.turn() for _ in range(20)))
        assert time.monotonic() - began >= 0.019


async def test_an_answer_that_fails_has_ended_too():
    traffic = Traffic()
    with pytest.raises(ValueError, match="page"), traffic:
        raise ValueError("page")
    await asyncio.wait_for(traffic.lull(600), 60)
