"""Which workers live: each holds a lock of PostgreSQL's, which ends with its process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fedcop.db.engine import Database

_KEY = 0x666564636F70
"""Of the advisory lock: `fedcop`. Such locks belong to one database."""
_PATIENCE = 5.0
"""Seconds for which work waits to hear whether others live."""


class Presence:
    """One worker among those on a PostgreSQL database; on SQLite there is one anyway.

    All that live share a lock. Whoever can have it for itself when it begins knows that nobody else
    lives, and does then what only a lone one may (`alone`): so what a process held that was killed
    need not run out first. PostgreSQL drops the lock when the process ends, however it ends; that
    of a machine which vanished stays until the connection times out, and then nothing is hurried.

    Only the first time counts: who lost the connection may be back before the others are.
    Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """

    def __init__(self, db: Database, alone: Callable[[], Awaitable[None]]) -> None:
        self._db, self._alone = db, alone
        self._known = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Be there until `stop` is set. Raises what the driver raises if the connection is lost."""
        if self._db.is_sqlite:
            self._known.set()
            await stop.wait()
            return
        async with self._db.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            lost = asyncio.Event()

            def ended(_: object) -> None:
                lost.set()

            driver.add_termination_listener(ended)
            try:
                await self._enter(driver)
                self._known.set()
                await _either(stop, lost)
                if lost.is_set():
                    raise ConnectionResetError("The connection that says that we live is lost.")
            finally:
                driver.remove_termination_listener(ended)
                if driver.is_closed():
                    await connection.invalidate()  # nobody else is given it
                else:
                    await driver.execute("SELECT pg_advisory_unlock_all()")

    async def known(self) -> None:
        """Wait until it is known whether others live, but not for long."""
        await _either(self._known, asyncio.Event(), _PATIENCE)

    async def _enter(self, driver: Any) -> None:
        is_first = not self._known.is_set()
        for_itself = is_first and await driver.fetchval(f"SELECT pg_try_advisory_lock({_KEY})")
        if for_itself:
            await self._alone()
        # Who begins while another has the lock for itself waits here.
        await driver.execute(f"SELECT pg_advisory_lock_shared({_KEY})", timeout=_PATIENCE)
        if for_itself:
            await driver.execute(f"SELECT pg_advisory_unlock({_KEY})")


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float | None = None) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
