"""The next messages are found without reading the journal of all that was ever received."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from fedcop.db.engine import Database
from fedcop.inbox import messages
from fedcop.settings import Settings
from tests.databases import lay_sqlite

pytestmark = pytest.mark.anyio


async def test_only_what_waits_is_read(tmp_path: Path) -> None:
    """As SQLite plans it without statistics, which a server never gathers."""
    url = lay_sqlite(tmp_path / "fedcop.db")
    database = Database(Settings(host="a.test", database_url=url).database)
    said: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        said.append((statement, parameters))

    def plan(session) -> str:
        connection = session.connection()
        event.listen(connection.engine, "before_cursor_execute", note)
        messages.claim(session, datetime.now(UTC), 20)
        event.remove(connection.engine, "before_cursor_execute", note)
        statement, parameters = said[-1]
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)

    found = await database.read(plan)
    await database.close()
    assert "SCAN inbox_messages USING INDEX ix_inbox_messages_next" in found
    assert "TEMP B-TREE" not in found
