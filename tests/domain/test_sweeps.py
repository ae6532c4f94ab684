"""What is forgotten after its time, and what stays for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from fedcop.db.engine import Database
from fedcop.domain.network.models import Activity
from fedcop.domain.network.sweep import sweep_journal
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.posts.models import Tag
from fedcop.ids import new_id
from fedcop.inbox import messages
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.sweep import sweep_messages
from fedcop.outbox.queue import KEPT
from fedcop.settings import Settings
from fedcop.wiring import schedule
from fedcop.work.jobs import Job
from fedcop.work.queue import State
from fedcop.work.runner import JobRunner
from fedcop.work.wake import Wake
from tests.databases import lay_sqlite

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
OLD, RECENT = NOW - timedelta(days=31), NOW - timedelta(days=29)
TICK = timedelta(milliseconds=1)
SETTINGS = Settings(host="a.test", retention_days=30, notifications_days=180)


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request, tmp_path):
    if request.param == "sqlite":
        url = lay_sqlite(tmp_path / "fedcop.db")
    else:
        url = request.getfixturevalue("postgresql").migrated()
    database = Database(Settings(host="a.test", database_url=url).database)
    yield database
    await database.close()
    if request.param == "postgresql":
        request.getfixturevalue("postgresql").drop(url)


def message(key: str, at: datetime, state: str, body: bytes = b"{}") -> InboxMessage:
    return InboxMessage(
        id=new_id(at), key=key, body=body, signer_uri="https://b.test/u/bo", due_at=at, state=state
    )


def activity(name: str, at: datetime, *, local: bool) -> Activity:
    uri = f"https://x.test/{name}"
    return Activity(id=new_id(at), uri=uri, type="Create", actor_uri="x", body=b"{}", local=local)


def write(session):
    session.add_all(
        [
            message("b.test old dead", OLD, State.DEAD),
            message("b.test recent dead", RECENT, State.DEAD),
            message("b.test old waiting", OLD, State.WAITING),
            message("b.test old done", OLD, State.DONE, b""),
            activity("old", OLD, local=False),
            activity("recent", RECENT, local=False),
            activity("ours", OLD, local=True),
            Tag(id=new_id(OLD), name="bare", shown="Bare"),
            Tag(id=new_id(NOW), name="fresh", shown="Fresh"),
            Job(name="x", payload={}, due_at=OLD, state=State.DEAD),
            Job(name="y", payload={}, due_at=RECENT, state=State.DEAD),
        ]
    )
    ana = Actor(id=1, uri="https://a.test/u/ana", type="Person", name="ana")
    session.add_all([ana, Account(actor_id=1, created_at=OLD)])
    session.flush()
    long_ago = NOW - timedelta(days=181)
    for at, read_at in ((long_ago, OLD), (long_ago, None), (OLD, OLD)):
        session.add(
            Notification(id=new_id(at), account_id=1, reason="r", actor_id=1, read_at=read_at)
        )


async def bodies(db, table, key) -> dict[str, bytes]:
    return dict(await db.read(lambda s: s.execute(select(key, table.body)).all()))


async def test_a_night_forgets_what_is_old_and_keeps_what_is_needed(db) -> None:
    await db.write(write)
    nightly = schedule(SETTINGS)
    await nightly.begin(db)
    await db.write(lambda s: s.query(Job).filter(Job.state == "waiting").update({"due_at": OLD}))
    await JobRunner(db, Wake(), nightly.carriers(db)).run_once(50)

    assert await bodies(db, InboxMessage, InboxMessage.key) == {
        "b.test old dead": b"",
        "b.test recent dead": b"{}",
        "b.test old waiting": b"{}",
        "b.test old done": b"",
    }
    assert await bodies(db, Activity, Activity.uri) == {
        "https://x.test/old": b"",
        "https://x.test/recent": b"{}",
        "https://x.test/ours": b"{}",
    }
    names = await db.read(lambda s: s.scalars(select(Tag.name)).all())
    assert names == ["fresh"]
    dead = await db.read(lambda s: s.scalars(select(Job.name).where(Job.state == "dead")).all())
    assert dead == ["y"]
    assert await db.read(lambda s: s.scalar(select(func.count()).select_from(Notification))) == 2
    waiting = await db.read(lambda s: s.scalars(select(Job).where(Job.state == "waiting")).all())
    assert {job.name for job in waiting} == nightly.carriers(db).keys()
    assert all(job.due_at > NOW + timedelta(hours=23) for job in waiting)

    rows = [{"id": new_id(), "key": "b.test old dead", "body": b"again", "signer_uri": "x",
             "due_at": NOW, "state": "waiting", "attempts": 0}]  # fmt: skip
    await db.write(lambda s: messages.keep(s, rows))
    assert (await bodies(db, InboxMessage, InboxMessage.key))["b.test old dead"] == b""
    assert await db.read(lambda s: messages.claim(s, NOW, 9, ready=())) != []


async def test_much_is_forgotten_some_rows_at_a_time(db) -> None:
    def many(session):
        session.add_all(message(f"b.test {n}", OLD + n * TICK, State.DEAD) for n in range(700))
        session.add_all(activity(f"{n}", OLD + n * TICK, local=False) for n in range(700))

    await db.write(many)
    for sweep in (sweep_messages, sweep_journal):
        answers = [await db.write(lambda s, f=sweep: f(s, NOW, KEPT)) for _ in range(3)]
        assert answers == [True, False, False], "at most 500 rows in one transaction"
    assert not any((await bodies(db, InboxMessage, InboxMessage.key)).values())
    assert not any((await bodies(db, Activity, Activity.uri)).values())


def test_whoever_is_still_being_retried_is_not_forgotten() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 8"):
        Settings(host="a.test", retention_days=7)
