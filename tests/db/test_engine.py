"""Transactions: one writer, nothing lost, trouble said in our words."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from fedcop.db import applying
from fedcop.db.base import is_mapped
from fedcop.db.engine import Database
from fedcop.db.migrate import revisions, status, upgrade
from fedcop.db.paging import Cursor, page
from fedcop.db.programs import BackupFailed
from fedcop.domain.network.models import Host
from fedcop.errors import Busy, Conflict
from fedcop.ids import minted_at, new_id
from fedcop.settings import Settings
from fedcop.tables import METADATA

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(database_url):
    database = Database(Settings(host="a.test", database_url=database_url).database)
    await upgrade(database, None)
    yield database
    await database.close()


async def test_migrations_lead_to_exactly_the_tables_of_the_models(db):
    def difference(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_name": is_mapped})
        return compare_metadata(context, METADATA)

    async with db.engine.connect() as connection:
        assert await connection.run_sync(difference) == []
    assert (await status(db)).is_current


def test_the_files_of_the_changes_are_named_as_alembic_orders_them():
    assert revisions() == applying.revisions()


@pytest.fixture
async def old_db(database_url):
    """A database as the first version of the program made it."""
    database = Database(Settings(host="a.test", database_url=database_url).database)

    def to_the_first(connection: Connection) -> None:
        applying.apply(connection, "0001")

    async with database.engine.connect() as connection:
        await connection.execution_options(writing=True)
        async with connection.begin():
            await connection.run_sync(to_the_first)
    yield database
    await database.close()


async def test_an_upgrade_makes_a_backup_of_what_is_there(
    old_db, tmp_path, monkeypatch, postgresql
):
    monkeypatch.setenv("PATH", str(postgresql.programs), prepend=":")
    columns = "(id, name, signature_spec, parked, failures, next_try_at, leased_until)"
    values = "(1, 'kept.test', 'cavage', false, 0, :then, :then)"
    then = datetime(2000, 1, 1, tzinfo=UTC)
    row = text(f"INSERT INTO hosts {columns} VALUES {values}")
    await old_db.write(lambda session: session.execute(row, {"then": then}) and None)
    before, copy = await upgrade(old_db, tmp_path / "backups")
    assert before.pending == ("0002", "0003", "0004", "0005", "0006", "0007")
    assert copy is not None
    assert copy.stat().st_size > 1000
    if old_db.is_sqlite:
        saved = Database(f"sqlite+aiosqlite:///{copy}")
        assert await saved.read(lambda s: s.scalar(select(Host.name))) == "kept.test"
        await saved.close()
    assert (await status(old_db)).is_current
    assert await upgrade(old_db, tmp_path / "backups") == (await status(old_db), None)


async def test_no_backup_no_upgrade(old_db, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises((BackupFailed, OSError)):
        await upgrade(old_db, tmp_path / "taken" if old_db.is_sqlite else tmp_path)
    assert (await status(old_db)).current == "0001"


async def test_a_database_of_a_newer_program_is_refused_with_words(db):
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await db.write(lambda session: session.execute(newer) and None)
    with pytest.raises(Conflict, match="newer FedCoP"):
        await status(db)


async def test_many_who_read_and_then_write_lose_nothing(db):
    host = Host(name="counted.test")
    await db.write(lambda session: session.add(host))

    def count_up(session: Session) -> None:
        row = session.scalars(select(Host).with_for_update()).one()
        row.failures += 1

    await asyncio.gather(*(db.write(count_up) for _ in range(60)))
    assert await db.read(lambda session: session.scalar(select(Host.failures))) == 60


async def test_a_read_sees_one_moment_whatever_is_written_meanwhile(db):
    count = select(func.count(Host.id))

    def look(session: Session) -> tuple[int | None, int | None]:
        before = session.scalar(count)
        await_only(db.write(lambda s: s.add(Host(id=new_id(), name="new.example"))))
        return before, session.scalar(count)

    assert await db.read(look) == (0, 0)
    assert await db.read(lambda session: session.scalar(count)) == 1


async def test_what_raises_is_undone(db):
    def fail(session: Session) -> None:
        session.add(Host(name="never.test"))
        session.flush()
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await db.write(fail)
    assert await db.read(lambda session: session.scalar(select(Host))) is None


async def test_moments_come_back_in_utc_whatever_zone_they_had(db):
    east = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    await db.write(lambda session: session.add(Host(name="east.test", asked_at=east)))
    found = await db.read(lambda session: session.scalars(select(Host)).one())
    assert found.asked_at == east
    assert found.asked_at.tzinfo is UTC or found.asked_at.utcoffset() == timedelta(0)


async def test_a_missing_table_is_a_bug_or_trouble_but_never_silence(db):
    await db.write(lambda session: session.execute(text("DROP TABLE deliveries")) and None)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        await db.read(lambda session: session.execute(text("SELECT * FROM deliveries")))
    assert isinstance(caught.value, Busy) or "deliveries" in str(caught.value)


async def test_pages_go_down_and_up_again(db):
    def fill(session: Session) -> None:
        session.add_all(Host(id=n, name=f"h{n:02}.test") for n in range(1, 26))

    await db.write(fill)

    async def ids(cursor: Cursor):
        found = await db.read(lambda s: page(s, select(Host), Host.id, cursor, lambda h: h.id))
        return [host.id for host in found.items], found.older, found.newer

    assert await ids(Cursor(limit=10)) == (list(range(25, 15, -1)), 16, None)
    assert await ids(Cursor(before=16, limit=10)) == (list(range(15, 5, -1)), 6, 15)
    assert await ids(Cursor(before=6, limit=10)) == (list(range(5, 0, -1)), None, 5)
    assert (await ids(Cursor(after=5, limit=10)))[0] == list(range(15, 5, -1))
    assert await ids(Cursor(before=1)) == ([], None, None)


def test_ids_grow_and_tell_their_time():
    made = [new_id() for _ in range(2000)]
    assert made == sorted(set(made))
    assert all(0 < one < 2**63 for one in made)
    then = datetime(2025, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    assert minted_at(new_id(then)) == then
    second = then.replace(microsecond=0)
    assert len({new_id(second) for _ in range(5000)}) == 5000
    assert minted_at(new_id(second)).replace(microsecond=0) == second
    assert minted_at(new_id(datetime(2019, 1, 1, tzinfo=UTC))).year == 2025


async def test_who_waits_behind_somebody_who_waited_in_vain_does_not_wait_again(
    tmp_path, monkeypatch
):
    """A file that another process holds: 503 after one busy wait, however many come at once."""
    monkeypatch.setattr("fedcop.db.sqlite._PATIENCE", 300)
    path = tmp_path / "fedcop.db"
    db = Database(Settings(host="a.test", database_url=f"sqlite:///{path}").database)
    await db.write(lambda session: session.execute(text("CREATE TABLE t (n INTEGER)")) and None)
    tried: list[int] = []

    def insert(session: Session) -> None:
        tried.append(1)
        session.execute(text("INSERT INTO t VALUES (1)"))

    other = sqlite3.connect(path)
    begun = time.monotonic()
    try:
        other.execute("BEGIN IMMEDIATE")
        writers = [db.write(insert) for _ in range(20)]
        ended = await asyncio.gather(*writers, return_exceptions=True)
    finally:
        other.rollback()
        other.close()
    assert {type(one) for one in ended} == {Busy}
    assert time.monotonic() - begun < 3  # one wait, and not twenty
    assert tried == []
    await db.write(insert)
    assert await db.read(lambda session: session.scalar(text("SELECT count(*) FROM t"))) == 1
    await db.close()
