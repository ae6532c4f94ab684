"""A database that cannot write: 503 with Retry-After, nothing lost, and well again by itself."""

import json
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from fedcop.errors import Busy
from tests.doors.browsers import browser, token_of
from tests.doors.conftest import Door
from tests.doors.peers import Peer

pytestmark = pytest.mark.anyio
# The disk of PostgreSQL is not this process's, and SQLite has no connections to cut.
ON_SQLITE = pytest.mark.parametrize("fediverse", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("fediverse", ["postgresql"], indirect=True)


@pytest.fixture
async def bob(door: Door) -> Peer:
    bob = Peer(door.web, "https://one.test/u/bob", 1).live()
    assert (await door.hears(bob, bob.says("Like", door.starter))).status_code == 202
    return bob


async def knock(door: Door, bob: Peer, document: dict[str, object]) -> httpx.Response:
    body = json.dumps(document).encode()
    return await door.post(bob.sign(body), body)


def comes_back_later(said: httpx.Response) -> None:
    assert said.status_code == 503, said.text
    assert int(said.headers["retry-after"]) > 0
    assert "moment" in said.text or "later" in said.text, said.text


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def file_of(door: Door) -> Path:
    return Path(make_url(door.server.house.app.settings.database).database or "")


@ON_SQLITE
async def test_a_full_disk(door: Door, bob: Peer) -> None:
    path = file_of(door)
    token = await token_of(door, door.kofi)
    note = bob.creates(bob.note(inReplyTo=door.starter))
    before = await door.rows()
    with full_disk(path.stat().st_size // 2):
        comes_back_later(await knock(door, bob, note))
        async with browser(door, token) as client:
            post = await door.find(door.starter)
            assert post is not None
            said = await client.post(f"/p/{post.id}/reply", data={"source": "On a full disk."})
            comes_back_later(said)
            assert (await client.get("/c/garden")).status_code == 200
    assert await door.rows() == before
    assert (await door.hears(bob, note)).status_code == 202
    assert await door.find(note["object"]["id"]) is not None


@ON_SQLITE
async def test_a_file_that_another_holds(
    door: Door, bob: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = bob.creates(bob.note(inReplyTo=door.starter))
    before = await door.rows()
    monkeypatch.setattr("fedcop.db.sqlite._PATIENCE", 50)
    await door.server.house.app.db.engine.dispose()
    other = sqlite3.connect(file_of(door))
    try:
        other.execute("BEGIN IMMEDIATE")
        comes_back_later(await knock(door, bob, note))
        assert await door.rows() == before
    finally:
        other.rollback()
        other.close()
    assert (await door.hears(bob, note)).status_code == 202
    assert await door.find(note["object"]["id"]) is not None


@ON_POSTGRESQL
async def test_connections_that_are_cut(door: Door, bob: Peer) -> None:
    """Whoever is served while PostgreSQL ends its connections gets 503, and the next 202."""
    token = await token_of(door, door.kofi)
    other = create_async_engine(door.server.house.app.settings.database)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    kept: list[dict[str, object]] = []
    try:
        for _ in range(6):
            async with other.connect() as connection:
                await connection.exec_driver_sql(cut)
            note = bob.creates(bob.note(inReplyTo=door.starter))
            said = await knock(door, bob, note)
            if said.status_code != 202:
                comes_back_later(said)
            else:
                kept.append(note)
            async with browser(door, token) as client:
                said = await client.get("/c/garden")
                assert said.status_code in {200, 503}
        for _ in range(12):
            note = bob.creates(bob.note(inReplyTo=door.starter))
            if (await knock(door, bob, note)).status_code == 202:
                kept.append(note)
                break
        assert kept
        for _ in range(12):
            try:
                await door.server.house.processor.settle()
                break
            except Busy:
                continue
        for note in kept:
            thing = note["object"]
            assert isinstance(thing, dict)
            assert await door.find(thing["id"]) is not None
    finally:
        await other.dispose()
