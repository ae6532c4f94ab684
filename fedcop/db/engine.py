"""The one place that commits: work is plain functions over a session, awaiting stays here."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from fedcop.db import sqlite
from fedcop.db.breath import breathing
from fedcop.db.changes import OPTION, Changes, listen
from fedcop.db.turns import Turns
from fedcop.errors import Busy

T = TypeVar("T")
# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, rollback (deadlock),
# resources (disk, connections), lock not available, operator intervention (restart), system
_PASSING = ("08", "40", "53", "55P03", "57", "58")


class Database:
    """`aiosqlite` or `asyncpg`, behind two calls.

    A transaction runs as one piece that SQLAlchemy suspends where the driver waits. (Its own
    `AsyncSession` closes in a task of its own: a round through a busy loop more for each.)

    SQLite has one writer. One waits for it here, in turn, which is fair and costs nothing; a wait
    inside SQLite polls with sleeps. That one is for other processes (somebody's shell): who waited
    here while another waited there in vain does not do so again, so that nobody waits for longer
    than `busy_timeout`. Trouble of the database itself (full, locked, gone) is raised as `Busy`;
    what it refuses (a unique index) stays SQLAlchemy's IntegrityError.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {
            "pool_size": 10,
            "max_overflow": 10,
            "connect_args": {"server_settings": {"application_name": "fedcop"}},
        }
        if self.is_sqlite:
            options = {"connect_args": {"async_creator_fn": sqlite.connect}}
        self.engine = create_async_engine(url, **options)
        self.changes = Changes()
        listen(self.engine.sync_engine)
        self._sessions = sessionmaker(self.engine.sync_engine, expire_on_commit=False)
        # SQLite shows a transaction one moment by itself, PostgreSQL only when asked to
        moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        still = self.engine.sync_engine.execution_options(**moment)
        self._readers = sessionmaker(still, expire_on_commit=False)
        self._writer: Turns | None = None
        self._in_vain = 0.0  # until when the last one waited for the file, and did not get it
        if self.is_sqlite:
            self._writer = Turns()
            sqlite.prepare(self.engine.sync_engine)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one consistent view; what it writes is thrown away."""

        def view() -> T:
            with self._readers() as session:
                return work(session)

        try:
            return await breathing(view)
        except (OperationalError, InterfaceError, PoolTimeout, DBAPIError, OSError) as error:
            raise _translated(error) from error

    async def write(self, work: Callable[[Session], T], *, behind: bool = False) -> T:
        """Run `work` in one transaction: committed when it returns, undone when it raises.

        Work for which nobody waits goes `behind` what somebody waits for, and may be seen a little
        later in what is kept of pages.
        """
        came = time.monotonic()
        touched: set[str] = set()
        transaction = partial(self._transaction, work, {sqlite.WRITING: True, OPTION: touched})
        try:
            if self._writer is None:
                return await breathing(transaction)
            async with self._writer.turn(behind=behind):
                if came < self._in_vain:
                    raise _busy()
                return await breathing(transaction)
        except (OperationalError, InterfaceError, PoolTimeout, DBAPIError, OSError) as error:
            raise _translated(error) from error
        finally:
            self.changes.count(touched, behind=behind)

    def _transaction(self, work: Callable[[Session], T], options: dict[str, Any]) -> T:
        with self._sessions.begin() as session:
            try:
                session.connection(execution_options=options)
            except OperationalError:
                self._in_vain = time.monotonic()
                raise
            return work(session)

    async def close(self) -> None:
        await self.engine.dispose()


def _translated(error: Exception) -> Exception:
    """`Busy` for what will pass; a bug or a refusal stays what it is."""
    passing = isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)
    if isinstance(error, IntegrityError) or not (passing or _refused_for_now(error)):
        return error
    return _busy()


def _busy() -> Busy:
    return Busy("The database cannot take this now. Please try again in a moment.")


def _refused_for_now(error: Exception) -> bool:
    """Lost, restarting, full or deadlocked: PostgreSQL says so by its class of SQLSTATE."""
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_PASSING)
