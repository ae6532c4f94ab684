"""PostgreSQL that goes away, is full or deadlocks: "try again", and no fault of the program."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from fedcop.db.engine import Database
from fedcop.errors import Busy
from fedcop.settings import Settings

pytestmark = pytest.mark.anyio

_SIGNED_IN = b"R" + (8).to_bytes(4, "big") + (0).to_bytes(4, "big")


def _refusal(state: str) -> bytes:
    words = f"SFATAL\0VFATAL\0C{state}\0Mno\0\0".encode()
    return b"E" + (len(words) + 4).to_bytes(4, "big") + words


@pytest.fixture
async def pretender(tmp_path):
    """Opens a socket that says just these bytes to who connects, and goes away."""
    servers: list[asyncio.Server] = []

    async def open_one(answer: bytes | None) -> Database:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if answer is not None:
                await reader.read(8)
                writer.write(answer)
                await writer.drain()
            writer.close()

        place = Path(tmp_path) / ".s.PGSQL.5432"
        servers.append(await asyncio.start_unix_server(speak, place))
        url = f"postgresql://postgres@/db?host={tmp_path}"
        return Database(Settings(host="a.test", database_url=url).database)

    yield open_one
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="gone at once"),
        pytest.param(b"", id="gone when greeted"),
        pytest.param(_SIGNED_IN, id="gone when signed in"),
        pytest.param(_refusal("53300"), id="too many connections"),
        pytest.param(_refusal("57P03"), id="starting up"),
        pytest.param(_refusal("57P01"), id="shutting down"),
    ],
)
async def test_who_cannot_connect_is_told_to_try_again(pretender, answer):
    database = await pretender(answer)
    for attempt in (database.read, database.write):
        with pytest.raises(Busy):
            await attempt(lambda session: session.scalar(text("SELECT 1")))
    await database.close()


async def test_a_wrong_password_is_no_moment_that_passes(pretender):
    database = await pretender(_refusal("28P01"))
    with pytest.raises(Exception, match="no") as caught:
        await database.read(lambda session: session.scalar(text("SELECT 1")))
    assert not isinstance(caught.value, Busy)
    await database.close()


async def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(postgresql):
    url = postgresql.database()
    database = Database(Settings(host="a.test", database_url=url).database)
    holds = [asyncio.Event(), asyncio.Event()]
    lock = text("SELECT pg_advisory_xact_lock(:key)")

    async def both(first: int, second: int) -> None:
        def work(session: Session) -> None:
            session.execute(lock, {"key": first})
            holds[first].set()
            await_only(holds[second].wait())
            session.execute(lock, {"key": second})

        await database.write(work)

    ended = await asyncio.gather(both(0, 1), both(1, 0), return_exceptions=True)
    assert {type(one) for one in ended} == {type(None), Busy}
    await database.close()
    postgresql.drop(url)
