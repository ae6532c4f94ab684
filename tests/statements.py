"""Every statement that a run of the tests sends, explained at its end: none may read a whole table.

With `FEDCOP_EXPLAIN=1` (as scripts/test sets it) each statement of the product is noted once, with
the place it came from. When all tests of the process have run, each is
explained on a database whose tables are filled and analysed, SQLite and PostgreSQL alike; what
scans a table that grows fails the run, unless it stands in `ALLOWED` with its reason.
"""

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table, event, insert, text

from fedcop.db.base import Base
from fedcop.db.columns import UtcDateTime
from fedcop.db.engine import Database
from fedcop.settings import Settings
from tests.databases import PostgreSql, lay_sqlite

ROWS = 2_000
SMALL = {
    "site": "one row",
    "wordings": "texts of the site and of communities",
    "host_policies": "read whole, and kept in memory: what admins have decided",
    "alembic_version": "one row",
}
"""Tables that do not grow with what is said."""

PASSED_OVER = (
    "fedcop/db/migrat",
    "fedcop/db/backup",
    "fedcop/upkeep/",
    "fedcop/demo/",
    "fedcop/cli/",
)
"""What is not asked by a server that runs: migrations, commands."""

ALLOWED: dict[tuple[str, str], str] = {}
"""(file, table) and why a whole table may be read there."""

_PRODUCT = f"{os.sep}fedcop{os.sep}"
_READS = re.compile(
    r"\s*(?:SELECT|UPDATE|DELETE|WITH|INSERT\b.*\bSELECT)\b", re.IGNORECASE | re.DOTALL
)
_LISTS = re.compile(r"\((?:\?|\$\d+(?:::\w+)?)(?:, (?:\?|\$\d+(?:::\w+)?))+\)")


@dataclass(frozen=True, slots=True)
class Noted:
    """A statement as it was first sent, and the function of the product that sent it."""

    statement: str
    parameters: Any
    file: str
    place: str


class Recorder:
    """The distinct statements of the product, by database."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Noted]] = {"sqlite": {}, "postgresql": {}}
        self._seen: set[tuple[str, str]] = set()

    def note(
        self, connection: Any, _: Any, statement: str, parameters: Any, __: Any, many: bool
    ) -> None:
        """Take it down, unless it is known, or none that reads."""
        kind: str = connection.dialect.name
        if (kind, statement) in self._seen:
            return
        self._seen.add((kind, statement))
        alike = _LISTS.sub("(…)", statement)
        if alike in self.found[kind] or not _READS.match(statement):
            return
        sender = _sender()
        if sender is not None and not sender[0].startswith(PASSED_OVER):
            first = parameters[0] if many and parameters else parameters
            self.found[kind][alike] = Noted(statement, first, *sender)


def _sender() -> tuple[str, str] | None:
    """File and place of the innermost function of the product on the stack; None: a test's own."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if _PRODUCT in name and not name.endswith(f"db{os.sep}engine.py"):
            file = f"fedcop/{name.rpartition(_PRODUCT)[2]}".replace(os.sep, "/")
            return file, f"{file}:{frame.f_lineno} {frame.f_code.co_name}"
        if f"{os.sep}tests{os.sep}" in name:
            return None
        frame = frame.f_back
    return None


@pytest.fixture(scope="session", autouse=True)
def _every_statement_is_explained(  # pyright: ignore[reportUnusedFunction]
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    if not os.environ.get("FEDCOP_EXPLAIN"):
        yield
        return
    recorder = Recorder()
    event.listen(Engine, "before_cursor_execute", recorder.note)
    yield
    event.remove(Engine, "before_cursor_execute", recorder.note)
    folder = tmp_path_factory.mktemp("explained")
    wrong = _explained(lay_sqlite(folder / "filled.db"), recorder.found["sqlite"])
    if recorder.found["postgresql"]:
        server = PostgreSql()
        try:
            wrong += _explained(server.migrated(), recorder.found["postgresql"])
        finally:
            server.stop()
    assert not wrong, f"{len(wrong)} statements read whole tables:\n\n" + "\n\n".join(wrong)


def _explained(url: str, found: dict[str, Noted]) -> list[str]:
    return asyncio.run(scans(url, list(found.values())))


async def scans(url: str, noted: list[Noted]) -> list[str]:
    """Those among these that read the whole of a table that grows, with their plans."""
    database = Database(Settings(host="a.test", database_url=url).database)
    wrong: list[str] = []
    try:
        await fill(database)
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
            if not database.is_sqlite:  # then only what knows no other way scans
                await connection.execute(text("SET enable_seqscan = off"))
            for it in noted:
                plan = await _plan(connection, it, sqlite=database.is_sqlite)
                tables = _scanned(plan, it.statement) - SMALL.keys()
                if any((it.file, table) not in ALLOWED for table in tables):
                    wrong.append(
                        f"{it.place} ({', '.join(sorted(tables))})\n{it.statement}\n{plan}"
                    )
    finally:
        await database.close()
    return wrong


async def _plan(connection: Any, it: Noted, *, sqlite: bool) -> str:
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    rows = await connection.exec_driver_sql(explain + it.statement, it.parameters)
    return "\n".join(str(row[-1]) for row in rows)


def _scanned(plan: str, statement: str) -> set[str]:
    """The tables that a plan reads whole: by themselves, or along an index without any end."""
    names = {table.name for table in Base.metadata.sorted_tables}
    aliases = dict(re.findall(r"\b(\w+) AS \"?(\w+)", statement))
    alias = {given: name for name, given in aliases.items()} | {name: name for name in names}
    limited = re.search(r"\bLIMIT\b", statement, re.IGNORECASE) is not None
    found = set(re.findall(r"\bSeq Scan on (\w+)", plan))
    for name, how in re.findall(r"^SCAN (\w+)(.*)$", plan, re.MULTILINE):
        if "INDEX" not in how or not limited:
            found.add(name)
    for name, following in re.findall(
        r"\bIndex(?: Only)? Scan\b.*? on (\w+)[^\n]*\n(\s*\S[^\n]*)?", plan
    ):
        if "Index Cond" not in following and not limited:
            found.add(name)
    return {alias.get(name, "") for name in found} & names


async def fill(database: Database) -> None:
    """Put so many rows into every table, whatever they mean; rows of one number belong together."""
    async with database.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            await connection.execute(insert(table), [_row(table, n) for n in range(1, ROWS + 1)])


def _row(table: Table, number: int) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(minutes=number)
    row: dict[str, Any] = {}
    for column in table.columns:
        kind: type = column.type.python_type
        if kind is bool:
            row[column.name] = number % 50 == 0
        elif kind is int:
            row[column.name] = number
        elif kind is str:
            row[column.name] = f"{column.name}{number}"
        elif kind is bytes:
            row[column.name] = b"%d" % number
        elif isinstance(column.type, UtcDateTime):
            row[column.name] = None if column.nullable and number % 10 else at
        elif kind is float:
            row[column.name] = float(number)
        else:
            row[column.name] = []
    return row
