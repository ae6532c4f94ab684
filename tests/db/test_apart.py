"""SQLite in the loop: short statements run there, and what may take long does not hold it up."""

import asyncio
import re
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from fedcop.db.changes import TOGETHER_SECONDS, Changes
from fedcop.db.engine import Database
from fedcop.db.sqlite import APART
from fedcop.errors import Busy
from fedcop.outbox.partners import count_partners, partners
from fedcop.outbox.queue import forget_told
from fedcop.settings import Settings
from tests.databases import lay_sqlite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(tmp_path):
    url = lay_sqlite(tmp_path / "a.db")
    database = Database(Settings(host="a.test", database_url=url).database)
    await database.read(lambda session: session.execute(text("SELECT 1")).all())
    yield database
    await database.close()


def _where(found: list[str]):
    """A function for SQL that notes in which thread it is called."""

    def note() -> int:
        found.append("loop" if threading.current_thread() is threading.main_thread() else "apart")
        return 1

    return note


async def test_a_statement_runs_where_it_is_asked_for_unless_it_may_take_long(db):
    found: list[str] = []

    def work(session) -> None:
        driver = session.connection().connection.driver_connection
        driver.plain.create_function("whereabouts", 0, _where(found))
        ask = text("SELECT whereabouts()")
        session.execute(ask)
        session.execute(ask, execution_options={APART: True})
        session.execute(ask)

    await db.read(work)
    await db.write(work)
    assert found == ["loop", "apart", "loop"] * 2


async def test_the_loop_goes_on_while_a_long_statement_runs(db):
    began, goes_on = threading.Event(), threading.Event()

    def wait() -> int:
        began.set()
        return int(goes_on.wait(30))  # set by the loop: a loop that is held up never does

    def work(session) -> int:
        session.connection().connection.driver_connection.plain.create_function("wait", 0, wait)
        return session.scalar(text("SELECT wait()"), execution_options={APART: True})

    reading = asyncio.create_task(db.read(work))
    await asyncio.to_thread(began.wait, 30)
    goes_on.set()
    assert await reading == 1


async def test_a_long_statement_that_fails_leaves_the_connection_as_it_was(db):
    bad = text("SELECT * FROM nowhere")
    with pytest.raises(Busy):
        await db.read(lambda session: session.execute(bad, execution_options={APART: True}))
    found: list[str] = []

    def work(session) -> None:
        driver = session.connection().connection.driver_connection
        driver.plain.create_function("whereabouts", 0, _where(found))
        session.execute(text("SELECT whereabouts()"))

    await db.read(work)
    assert found == ["loop"]


async def test_what_looks_through_all_hosts_and_deliveries_leaves_the_loop_to_others(db):
    """With 200,000 deliveries and 5,000 hosts each of these took 20 ms or more."""
    found: dict[str, bool] = {}

    def note(*execution) -> None:
        found[execution[2]] = execution[4].execution_options.get(APART, False)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    now = datetime.now(UTC)
    await db.read(lambda session: partners(session, now, "a.test"))
    await db.read(count_partners)
    await db.write(lambda session: forget_told(session, now))
    long = re.compile(r"FROM (deliveries|audiences|memberships|actors|hosts|told)\b")
    looked = {sql: apart for sql, apart in found.items() if long.search(sql)}
    assert len(looked) == 7
    assert all(looked.values()), [sql for sql, apart in looked.items() if not apart]


def test_what_is_changed_behind_counts_together(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("fedcop.db.changes.time.monotonic", lambda: now[0])
    changes = Changes()
    first = changes.version(["posts"])
    changes.count(["posts"], behind=True)
    second = changes.version(["posts"])
    assert second != first  # one alone counts at once
    changes.count(["posts"], behind=True)
    changes.count(["actors"], behind=True)
    assert changes.version(["posts"]) == second
    now[0] += TOGETHER_SECONDS
    third = changes.version(["posts"])
    assert third != second
    changes.count(["posts"])
    assert changes.version(["posts"])[0] != third[0]  # what somebody waits for counts at once
    assert changes.version(["posts"])[1] == third[1] != first[1]
