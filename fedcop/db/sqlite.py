"""SQLite behind aiosqlite with one turn of its thread for each statement.

aiosqlite crosses to its thread and back to make a cursor, to execute, to fetch and to close, which
costs more than the statement itself. Here a cursor does all four in one crossing.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

T = TypeVar("T")
_CHUNK = 64


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
        await self._connection.in_thread(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        await self._connection.in_thread(self._run, sqlite3.Cursor.executemany, sql, parameters)
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
    """A connection whose cursors are ours."""

    def __init__(self, database: str, options: Mapping[str, Any]) -> None:
        super().__init__(lambda: sqlite3.connect(database, **options), _CHUNK)
        self._thread.daemon = True  # as SQLAlchemy does with those that it makes

    @property
    def plain(self) -> sqlite3.Connection:
        """SQLite's own connection, for its thread alone."""
        return self._conn

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Cursor(self)

    async def in_thread(self, work: Callable[..., T], *given: Any) -> T:
        """What `work` answers in the thread of this connection."""
        return await self._execute(work, *given)  # pyright: ignore[reportUnknownMemberType]


def connect(database: str, **options: Any) -> Connection:
    """An aiosqlite connection, not yet open, for `async_creator_fn` of SQLAlchemy."""
    return Connection(database, options)
