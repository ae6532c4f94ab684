"""Who has a database in use: one server at a time on SQLite, as many as like on PostgreSQL."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url, text

from fedcop.db.engine import Database
from fedcop.errors import Conflict

WORKER = "fedcop worker"
"""What the connection by which a worker listens calls itself on PostgreSQL."""

_OTHERS = text(
    "SELECT application_name, count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
)


@contextmanager
def alone(url: str | URL) -> Generator[None]:
    """Be the one server on this SQLite database as long as this is open.

    It is a lock of SQLite's on a file beside the database, which the system itself lets go when
    the process ends, however it ends. On PostgreSQL there is nothing to hold. Raises Conflict if
    another process holds it.
    """
    path = _lock_file(url)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as held:
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Conflict(
                f"A server is running on {path.with_suffix('')}. Stop it first: systemctl stop "
                "fedcop, or docker compose stop, or Ctrl-C where it was started."
            ) from error
        yield


def is_served(url: str | URL) -> bool:
    """Whether a server runs on this SQLite database now; False for every other."""
    path = _lock_file(url)
    if path is None or not path.exists():
        return False
    try:
        with alone(url):
            return False
    except Conflict:
        return True


async def sessions(db: Database) -> dict[str, int]:
    """Who else is connected to this PostgreSQL database: by name, how many connections."""
    async with db.engine.connect() as connection:
        found = await connection.execute(_OTHERS)
        return {name or "without a name": count for name, count in found}


def _lock_file(url: str | URL) -> Path | None:
    made = make_url(url)
    if made.get_backend_name() != "sqlite" or made.database in {None, "", ":memory:"}:
        return None
    return Path(f"{made.database}.lock")
