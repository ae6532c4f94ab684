"""One writer at a time: who is waited for goes first, and who works behind has a turn, too."""

import asyncio

import pytest

from fedcop.db.turns import Turns

pytestmark = pytest.mark.anyio


class Queue:
    """Some who wait for a turn, and in which order they had it."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.order: list[str] = []
        self.inside = 0

    async def take(self, name: str, *, behind: bool = False) -> None:
        async with self.turns.turn(behind=behind):
            self.inside += 1
            assert self.inside == 1
            self.order.append(name)
            await asyncio.sleep(0)
            self.inside -= 1


async def _let_all_wait() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_who_hurries_goes_first_each_in_order_of_arrival():
    queue = Queue()
    async with queue.turns.turn():
        tasks = [asyncio.create_task(queue.take(name, behind=True)) for name in ("x", "y")]
        tasks += [asyncio.create_task(queue.take(name)) for name in ("a", "b")]
        await _let_all_wait()
        assert queue.order == []
    await asyncio.gather(*tasks)
    assert queue.order == ["a", "b", "x", "y"]


async def test_who_works_behind_is_passed_a_few_times_and_not_for_ever():
    queue = Queue()
    async with queue.turns.turn():
        tasks = [asyncio.create_task(queue.take("behind", behind=True))]
        tasks += [asyncio.create_task(queue.take("ahead")) for _ in range(30)]
        await _let_all_wait()
    await asyncio.gather(*tasks)
    assert queue.order.index("behind") == 8


async def test_who_gives_up_waiting_hinders_nobody():
    queue = Queue()
    async with queue.turns.turn():
        gone = asyncio.create_task(queue.take("gone"))
        stays = asyncio.create_task(queue.take("stays"))
        await _let_all_wait()
        gone.cancel()
        await _let_all_wait()
    await stays
    assert queue.order == ["stays"]


async def test_a_turn_that_comes_to_who_gives_up_in_that_moment_goes_to_the_next():
    queue = Queue()
    held = queue.turns.turn()
    await held.__aenter__()
    gone = asyncio.create_task(queue.take("gone"))
    stays = asyncio.create_task(queue.take("stays"))
    await _let_all_wait()
    await held.__aexit__(None, None, None)
    gone.cancel()
    await asyncio.wait_for(stays, 5)
    assert queue.order == ["stays"]
    async with queue.turns.turn():
        pass


async def test_an_error_inside_ends_the_turn():
    queue = Queue()
    with pytest.raises(ZeroDivisionError):
        async with queue.turns.turn():
            raise ZeroDivisionError
    await queue.take("next")
    assert queue.order == ["next"]
