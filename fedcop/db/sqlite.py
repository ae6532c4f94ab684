"""SQLite behind aiosqlite, which goes to its thread only for what may take long.

aiosqlite crosses to its thread and back to make a cursor, to execute, to fetch and to close. Each
crossing costs more than a short statement, and each waits for the interpreter's lock, for up to
five milliseconds while the loop is at work. So statements run where they are asked for, in the
loop; opening, waiting for the writer, committing to the disk, and a statement with the option
`APART`, run in the thread. A transaction of many statements lets others go on between them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar, cast

import aiosqlite
from sqlalchemy import Connection as Transaction
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from fedcop.db.breath import breathe_here

T = TypeVar("T")
APART = "apart"
"""The execution option of a statement that may take long, so that not everybody waits for it."""
WRITING = "writing"
"""The execution option of a transaction that will write."""
_CHUNK = 64
_PATIENCE = 5_000  # milliseconds, for another process that writes
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",
)


class Cursor:
    """As much of a cursor as SQLAlchemy's adapter asks for; its rows are here when it has run."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.carry_out(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        await self._connection.carry_out(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        most = self.arraysize if size is None else size
        rows, self._rows = self._rows[:most], self._rows[most:]
        return rows

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _run(self, execute: Callable[..., Any], sql: str, parameters: Iterable[Any]) -> None:
        cursor = self._connection.plain.cursor()
        try:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors are ours.

    Its statements run in its thread while `apart` is set, and else where they are asked for.
    """

    def __init__(self, database: str, options: Mapping[str, Any]) -> None:
        super().__init__(lambda: sqlite3.connect(database, **options), _CHUNK)
        self.apart = True
        self._thread.daemon = True  # as SQLAlchemy does with those that it makes

    @property
    def plain(self) -> sqlite3.Connection:
        """SQLite's own connection."""
        return self._conn

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    async def carry_out(self, work: Callable[..., T], *given: Any) -> T:
        """What `work` answers."""
        if not self.apart:
            await breathe_here()
            return work(*given)
        return await self._execute(work, *given)  # pyright: ignore[reportUnknownMemberType]

    def begins_at_once(self) -> bool:
        """Become the writer, if nobody else is."""
        self.apart = False
        self.plain.execute("PRAGMA busy_timeout=0")
        try:
            self.plain.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            self.plain.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        return True

    async def commit(self) -> None:
        """Wait for the disk, in the thread."""
        try:
            await super().commit()
        except asyncio.CancelledError:
            self.apart = True  # it goes on there: what follows has to queue behind it
            raise

    async def rollback(self) -> None:
        await self.carry_out(self.plain.rollback)


def connect(database: str, **options: Any) -> Connection:
    """An aiosqlite connection, not yet open, for `async_creator_fn` of SQLAlchemy."""
    return Connection(database, options)


def prepare(engine: Engine) -> None:
    """Set each connection of this engine up, and begin its transactions as they are meant."""
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _go_apart)
    event.listen(engine, "after_cursor_execute", _come_back)


def _set_up(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (*_PRAGMAS, f"busy_timeout={_PATIENCE}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Transaction) -> None:
    ours = _ours(connection)
    writes = connection.get_execution_options().get(WRITING, False)
    if writes and ours.begins_at_once():
        return
    ours.apart = writes  # another process writes: to be waited for
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    ours.apart = False


def _go_apart(connection: Transaction, *given: Any) -> None:
    if given[3].execution_options.get(APART, False):
        _ours(connection).apart = True


def _come_back(connection: Transaction, *given: Any) -> None:
    if given[3].execution_options.get(APART, False):
        _ours(connection).apart = False


def _ours(connection: Transaction) -> Connection:
    return cast("Connection", connection.connection.driver_connection)
