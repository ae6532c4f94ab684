"""Explains statements of the product, and finds those that read the whole of a table that grows.

SQLite plans without statistics, which no server ever gathers, and so as it does on an empty
database. PostgreSQL is asked on one that is filled and analysed, where to read a page in order is
dear: then only what knows no other way reads whole tables.
"""

import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fedcop.db.base import Base
from fedcop.db.columns import UtcDateTime
from fedcop.db.engine import Database
from fedcop.settings import Settings
from tests.databases import PostgreSql, lay_sqlite
from tests.house.explained import Noted, Statements

ROWS, FEW = 2_000, 20
SMALL = {
    "site": "one row",
    "communities": "those we have met: lists and figures take them one by one",
    "wordings": "texts of the site and of communities",
    "host_policies": "read whole, and kept in memory: what admins have decided",
    "alembic_version": "one row",
    "missing_inboxes": "those that were not there when they were last tried",
}
"""Tables that do not grow with what is said."""

WAITING = {
    "ix_hosts_failing",
    "ix_hosts_parked",
    "ix_hosts_blocked",
    "ix_inbox_messages_dead",
    "ix_inbox_messages_next",
    "ix_inbox_messages_waiting",
    "ix_inbox_messages_waiting_for",
    "ix_told_waiting",
}
"""Indexes of what waits, or of hosts in trouble, alone: as long as there is work."""

_FIGURES = "counted for a page of figures, by an index or along a key"
_RULES = "every host is held against new rules, when an admin makes them"
_NIGHTLY = "once a night"
ALLOWED: dict[tuple[str, str], str] = {
    ("fedcop/outbox/queue.py:free_all", "hosts"): "once, when a server starts",
    ("fedcop/outbox/policing.py:_cut_off", "hosts"): _RULES,
    ("fedcop/domain/network/policies.py:mark_hosts", "hosts"): _RULES,
    ("fedcop/outbox/last_keys.py:forget_last_keys", "deliveries"): (
        "once a night, if somebody left a month ago"
    ),
    ("fedcop/domain/access/sweep.py:sweep_access", "sessions"): _NIGHTLY,
    ("fedcop/domain/access/sweep.py:sweep_access", "links"): _NIGHTLY,
    ("fedcop/domain/access/invitations.py:open_invitations", "links"): (
        "links live for days, and the night takes the old ones"
    ),
    ("fedcop/domain/access/sessions.py:password_of", "accounts"): (
        "an e-mail address in whatever case; a password is checked a hundred times longer"
    ),
    ("fedcop/domain/people/admins.py:people", "accounts"): "an admin looks for a part of a name",
    ("fedcop/domain/people/queries.py:accounts", "accounts"): "one page along the key",
    ("fedcop/domain/people/queries.py:count_people", "accounts"): _FIGURES,
    ("fedcop/outbox/partners.py:_shared", "audiences"): _FIGURES,
    ("fedcop/outbox/partners.py:_followed", "follows"): _FIGURES,
    ("fedcop/outbox/partners.py:_waiting", "deliveries"): _FIGURES,
    ("fedcop/outbox/partners.py:partners", "hosts"): "an admin looks at all partners",
    ("fedcop/outbox/parking.py:pending", "hosts"): "an admin looks at all that waits",
    ("fedcop/outbox/parking.py:pending", "deliveries"): "an admin looks at all that waits",
    ("fedcop/outbox/parking.py:pending", "held_back"): "an admin looks at all that waits",
    ("fedcop/outbox/missing.py:held_by_host", "held_back"): _FIGURES,
}
"""(place, table) and why a whole table may be read there."""

_MANNERS = (
    "enable_mergejoin = off",
    "enable_hashjoin = off",
    # Not `enable_seqscan = off`: beside so large a cost all else looks the same to the planner.
    "seq_page_cost = 100",
)


def explained(found: Statements) -> list[str]:
    """What is wrong, statement by statement, with its place and its plan."""
    with tempfile.TemporaryDirectory() as folder:
        url = lay_sqlite(Path(folder) / "empty.db")
        wrong = asyncio.run(scans(url, list(found["sqlite"].values())))
    if found["postgresql"]:
        server = PostgreSql()
        try:
            wrong += asyncio.run(scans(server.migrated(), list(found["postgresql"].values())))
        finally:
            server.stop()
    return wrong


async def scans(url: str, noted: list[Noted]) -> list[str]:
    """Those among these that read the whole of a table that grows, with their plans."""
    database = Database(Settings(host="a.test", database_url=url).database)
    wrong: list[str] = []
    try:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not database.is_sqlite:
                await _prepare(connection)
            for it in noted:
                plan = await _plan(connection, it, sqlite=database.is_sqlite)
                tables = _scanned(plan, it.statement) - SMALL.keys()
                tables -= {table for table in tables if (it.place, table) in ALLOWED}
                if tables:
                    names = ", ".join(sorted(tables))
                    wrong.append(f"{it.place}:{it.line} reads all {names}\n{it.statement}\n{plan}")
    finally:
        await database.close()
    return wrong


async def _prepare(connection: AsyncConnection) -> None:
    await connection.execute(text("SET session_replication_role = replica"))  # no foreign keys
    for table in Base.metadata.sorted_tables:
        many = FEW if table.name in SMALL else ROWS
        rows = [_row(table, number) for number in range(1, many + 1)]
        await connection.execute(insert(table), rows)
    await connection.execute(text("ANALYZE"))
    for manner in _MANNERS:
        await connection.execute(text(f"SET {manner}"))


async def _plan(connection: AsyncConnection, it: Noted, *, sqlite: bool) -> str:
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    rows = await connection.exec_driver_sql(explain + it.statement, it.parameters)
    return "\n".join(str(row[-1]) for row in rows)


def _scanned(plan: str, statement: str) -> set[str]:
    """The tables that a plan reads whole: by themselves, or along an index without any end."""
    names = {table.name for table in Base.metadata.sorted_tables}
    aliases = dict(re.findall(r"\b(\w+) AS \"?(\w+)", statement))
    alias = {given: name for name, given in aliases.items()} | {name: name for name in names}
    limited = re.search(r"\bLIMIT\b", statement, re.IGNORECASE) is not None
    found = set(re.findall(r"\bSeq Scan on \w+ (\w+)|\bSeq Scan on (\w+)", plan))
    found = {one or other for one, other in found}
    for name, how in re.findall(r"^SCAN (\w+)(.*)$", plan, re.MULTILINE):
        if not (WAITING & set(how.split())) and ("INDEX" not in how or not limited):
            found.add(name)
    for index, name, following in re.findall(
        r"\bIndex(?: Only)? Scan(?: Backward)? using (\w+) on (\w+)[^\n]*\n?(\s*\S[^\n]*)?", plan
    ):
        if "Index Cond" not in following and not limited and index not in WAITING:
            found.add(name)
    return {alias.get(name, "") for name in found} & names


def _row(table: Table, number: int) -> dict[str, Any]:
    """Rows of one number belong together, whatever they mean."""
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
