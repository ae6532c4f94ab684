"""The check of all statements finds one that reads a whole table, and only that."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from fedcop.db.distinct import each
from fedcop.db.engine import Database
from fedcop.outbox.models import Delivery
from fedcop.settings import Settings
from tests.house.explained import Noted
from tests.statements import scans

pytestmark = pytest.mark.anyio

SENT = {
    "a row by its id": ("SELECT * FROM posts WHERE id = {}", 1, False),
    "a row by what has no index": ("SELECT * FROM posts WHERE title = {}", "a", True),
    "a page along the index": ("SELECT id FROM hosts WHERE name > {} ORDER BY name", "a", False),
    "all of a small table": ("SELECT * FROM site WHERE name = {}", "a", False),
    "votes by their place in a list": ("DELETE FROM votes WHERE value = {}", 1, True),
    "an order that no index has": (
        "SELECT id FROM posts WHERE published_at < {} ORDER BY html",
        datetime(2026, 1, 1, tzinfo=UTC),
        True,
    ),
}


async def test_only_what_reads_a_whole_table_is_found(migrated_url: str) -> None:
    on_sqlite = migrated_url.startswith("sqlite")
    noted = [
        Noted(statement.format("?" if on_sqlite else "$1"), (_told(value, on_sqlite),), name, 1)
        for name, (statement, value, _) in SENT.items()
    ]
    found = await scans(migrated_url, noted)
    assert [one.partition(":")[0] for one in found] == [n for n, it in SENT.items() if it[2]]


def _told(value: object, on_sqlite: bool) -> object:
    return str(value) if on_sqlite and isinstance(value, datetime) else value


async def test_each_value_of_a_column_is_told_once(migrated_url: str) -> None:
    database = Database(Settings(host="a.test", database_url=migrated_url).database)
    query = select(each(Delivery.host_id, "owed").c.id)
    assert await database.read(lambda session: session.scalars(query).all()) == [None]
    places = [(host, lane, said) for host in (7, 3, 9) for lane in (0, 1) for said in (1, 2)]
    await database.write(
        lambda session: session.add_all(
            Delivery(host_id=host, lane=lane, activity_id=said, inbox_id=1)
            for host, lane, said in places
        )
    )
    found = await database.read(lambda session: session.scalars(query).all())
    await database.close()
    assert found == [3, 7, 9, None]
