"""A burst of messages for each of which somebody has to be looked up: no lease holds one up."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from fedcop.inbox import messages
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.process import Processor
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio
MANY = 12


class Gate:
    """Look-ups of actors wait here, until it is opened."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self._actor = home.resolver.actor
        monkeypatch.setattr(home.resolver, "actor", self._slowly)

    async def _slowly(self, *asked: Any, **more: Any) -> int:
        await self.open.wait()
        return await self._actor(*asked, **more)


@pytest.fixture
def gate(home: Home, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(home, monkeypatch)


@pytest.fixture
async def crowd(home: Home, them: Callable[..., Them], monkeypatch: pytest.MonkeyPatch) -> None:
    """More newcomers have replied than are looked up at once."""
    monkeypatch.setattr("fedcop.inbox.process._MOST_GATHERING", MANY - 4)
    await replies(home, them, MANY)


async def replies(home: Home, them: Callable[..., Them], many: int) -> None:
    """Each by somebody whom nobody here has met."""
    for number in range(many):
        one = them(f"https://crowd.test/u/{number}")
        body = one.request(one.creates(one.note(inReplyTo=home.post_uri))).body
        await home.receiver.accept(f"crowd.test {one.uri}", body, one.uri)


async def counted(home: Home) -> dict[str, int]:
    query = select(InboxMessage.state, func.count()).group_by(InboxMessage.state)
    return await home.read(lambda s: {row[0]: row[1] for row in s.execute(query)})


async def take_all(processor: Processor) -> None:
    while await processor.run_once():
        pass


async def test_what_is_too_much_at_once_has_its_turn_as_soon_as_others_are_done(
    home: Home, gate: Gate, them: Callable[..., Them], monkeypatch: pytest.MonkeyPatch
) -> None:
    most, many = (200, 210) if home.app.db.is_sqlite else (10, 25)  # once with the real figure
    if most < 200:
        monkeypatch.setattr("fedcop.inbox.process._MOST_GATHERING", most)
    await replies(home, them, many)
    await take_all(home.processor)
    assert len(home.processor._gathering) == most
    assert await home.processor.run_once() == 0, "nothing goes round in circles meanwhile"
    gate.open.set()
    await home.processor.settle()
    assert await counted(home) == {"done": many}
    assert home.processor._offered() == frozenset()


@pytest.mark.usefixtures("crowd")
async def test_a_worker_that_stops_gives_back_what_it_held(home: Home, gate: Gate) -> None:
    await take_all(home.processor)
    stop = asyncio.Event()
    stop.set()
    await home.processor.run(stop)
    gate.open.set()
    await Processor(home.app, home.resolver).settle()
    assert await counted(home) == {"done": MANY}


@pytest.mark.usefixtures("crowd")
async def test_who_was_killed_and_begins_again_alone_does_not_wait(home: Home, gate: Gate) -> None:
    await take_all(home.processor)
    later = datetime.now(UTC) + timedelta(minutes=1)
    first = select(func.min(InboxMessage.id)).scalar_subquery()
    tried = update(InboxMessage).where(InboxMessage.id == first)
    await home.app.db.write(lambda s: s.execute(tried.values(attempts=2, due_at=later)))
    gate.open.set()
    another = Processor(home.app, home.resolver)
    assert await another.settle() == 0, "what is leased is another's"
    await home.app.db.write(messages.free_all)
    await another.settle()
    assert await counted(home) == {"done": MANY - 1, "waiting": 1}, "what is tried later waits"


@pytest.mark.usefixtures("crowd")
async def test_a_stop_does_not_wait_for_a_database_that_takes_nothing(
    home: Home, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take_all(home.processor)

    async def broken(*_: Any, **__: Any) -> Any:
        raise OSError("gone")

    with monkeypatch.context() as trouble:
        trouble.setattr(home.app.db, "write", broken)
        await home.processor.close()
    assert home.processor._offered() == frozenset()
    assert await counted(home) == {"waiting": MANY}
