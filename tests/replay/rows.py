"""What the tables hold, and how they are emptied: past the server, which need not be asked."""

import sqlite3
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fedcop.app import App
from fedcop.db.base import Base

EFFECTS = (
    *("memberships", "posts", "revisions", "votes", "reported_votes", "mentions"),
    *("notifications", "told", "deliveries", "follows", "blocks", "bans", "reports"),
    "moderation_log",
)
"""The tables in which an activity can do something; the others only know of it."""


class Rows:
    """The database of one server. An SQLite file is opened a second time: that spares the thread
    through which the server asks it, hundreds of times for each document.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        path = app.db.engine.url.database
        self._beginning: dict[str, list[dict[str, Any]]] = {}
        self._lines: list[tuple[str, tuple[Any, ...]]] = []
        self._file = None
        if app.db.is_sqlite and path:
            self._file = sqlite3.connect(path, isolation_level=None)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    async def effects(self) -> dict[str, list[Any]]:
        """Everything that the tables of effects hold."""
        if self._file is not None:
            file = self._file
            return {
                name: sorted(map(str, file.execute(f"SELECT * FROM {name}"))) for name in EFFECTS
            }

        def query(session: Session) -> dict[str, list[Any]]:
            return {
                name: sorted(map(str, session.execute(Base.metadata.tables[name].select())))
                for name in EFFECTS
            }

        return await self._app.read(query)

    async def remember(self) -> None:
        """Take what is there now for the beginning of every scene."""

        def query(session: Session) -> dict[str, list[dict[str, Any]]]:
            found = {
                table.name: [dict(row) for row in session.execute(table.select()).mappings()]
                for table in Base.metadata.sorted_tables
            }
            return {name: rows for name, rows in found.items() if rows}

        self._beginning = await self._app.read(query)
        if self._file is not None:
            read = self._file.execute
            self._lines = [
                (f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
                for name in self._beginning
                for row in read(f"SELECT * FROM {name}").fetchall()
            ]

    async def clear(self) -> None:
        """Leave nothing but the beginning."""
        if self._file is None:
            await self._app.db.write(self._clear)
            return
        deletes = "".join(f"DELETE FROM {table.name};" for table in Base.metadata.sorted_tables)
        self._file.executescript(f"BEGIN IMMEDIATE;{deletes}")
        for statement, row in self._lines:
            self._file.execute(statement, row)
        self._file.execute("COMMIT")

    def _clear(self, session: Session) -> None:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
        for name, rows in self._beginning.items():
            session.execute(Base.metadata.tables[name].insert(), rows)
