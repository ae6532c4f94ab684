"""Long plain work lets the others in the loop go on."""

import asyncio

import pytest
from sqlalchemy import text

from fedcop.db import breath
from fedcop.db.breath import breathe, breathing
from fedcop.db.engine import Database
from fedcop.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def short_of_breath(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always time."""
    monkeypatch.setattr(breath, "_STRETCH", -1.0)


async def _beside(order: list[str]) -> None:
    for _ in range(2):
        order.append("other")
        await asyncio.sleep(0)


@pytest.mark.usefixtures("short_of_breath")
async def test_others_go_on_while_it_breathes() -> None:
    order: list[str] = []

    def work() -> str:
        for _ in range(2):
            order.append("work")
            breathe()
        return "done"

    answer, _ = await asyncio.gather(breathing(work), _beside(order))
    assert (answer, order) == ("done", ["work", "other", "work", "other"])


async def test_short_work_goes_on_at_a_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breath, "_STRETCH", 60.0)
    order: list[str] = []

    def work() -> None:
        for _ in range(2):
            order.append("work")
            breathe()

    await asyncio.gather(breathing(work), _beside(order))
    assert order == ["work", "work", "other", "other"]


@pytest.mark.usefixtures("short_of_breath")
async def test_what_fails_fails_and_nobody_breathes_for_it_afterwards() -> None:
    def work() -> None:
        breathe()
        raise ValueError("work")

    with pytest.raises(ValueError, match="work"):
        await breathing(work)
    breathe()  # outside of such work it does nothing


@pytest.mark.usefixtures("short_of_breath")
async def test_others_go_on_between_two_statements(migrated_url: str) -> None:
    db, order = Database(Settings(host="a.test", database_url=migrated_url).database), []

    def work(session) -> None:
        for _ in range(2):
            session.execute(text("SELECT 1"))
            order.append("work")

    try:
        await db.read(work)  # connects
        order.clear()
        reading = asyncio.create_task(db.read(work))
        while not reading.done():
            order.append("other")
            await asyncio.sleep(0)
        await reading
    finally:
        await db.close()
    first, second = (at for at, who in enumerate(order) if who == "work")
    assert second - first > 1
