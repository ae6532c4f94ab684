"""Those who come while the writer is waited for share one commit."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from fedcop.inbox import messages
from fedcop.inbox.models import InboxMessage
from tests.inbox.world import Home

pytestmark = pytest.mark.anyio
BOB = "https://one.test/u/bob"


async def test_who_comes_while_others_wait_for_the_writer_goes_with_them(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    keep = messages.keep

    def counted(session: Any, rows: Any) -> None:
        kept.append(len(rows))
        keep(session, rows)

    monkeypatch.setattr(messages, "keep", counted)
    writer = home.app.db._writer
    async with AsyncExitStack() as busy:
        if writer is not None:  # on PostgreSQL nobody waits for another
            await busy.enter_async_context(writer.turn())
        asked = [asyncio.create_task(home.receiver.accept("first", b"x", BOB))]
        for number in range(4):
            await asyncio.sleep(0)
            asked.append(asyncio.create_task(home.receiver.accept(f"{number}", b"x", BOB)))
        await asyncio.sleep(0)
    await asyncio.gather(*asked)
    assert (sum(kept), await home.count(InboxMessage)) == (5, 5)
    if writer is not None:
        assert kept == [5]
