"""What is next is found without reading all that was ever received or told."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, exists, select
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.inbox import messages
from fedcop.outbox.models import Told
from fedcop.settings import Settings
from tests.databases import lay_sqlite

pytestmark = pytest.mark.anyio
_UNSPREAD = select(exists().where(~Told.spread))


async def test_only_what_waits_is_read(tmp_path: Path) -> None:
    """As SQLite plans it without statistics, which a server never gathers."""
    url = lay_sqlite(tmp_path / "fedcop.db")
    database = Database(Settings(host="a.test", database_url=url).database)
    found = await database.read(lambda session: _plan(session, _claim))
    told = await database.read(lambda session: _plan(session, lambda s: s.scalar(_UNSPREAD)))
    await database.close()
    assert "SCAN inbox_messages USING INDEX ix_inbox_messages_next" in found
    assert "TEMP B-TREE" not in found
    assert "INDEX ix_told_waiting" in told


def _claim(session: Session) -> None:
    messages.claim(session, datetime.now(UTC), 20)


def _plan(session: Session, query: Callable[[Session], object]) -> str:
    said: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        said.append((statement, parameters))

    connection = session.connection()
    event.listen(connection.engine, "before_cursor_execute", note)
    query(session)
    event.remove(connection.engine, "before_cursor_execute", note)
    statement, parameters = said[-1]
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)
