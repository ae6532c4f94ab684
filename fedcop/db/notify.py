"""NOTIFY and LISTEN: on PostgreSQL who wrote rows wakes those who wait in other processes."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.db.serving import WORKER

_CHANNEL = "fedcop_work"
_NOTIFY = text(f"SELECT pg_notify('{_CHANNEL}', :names)")
_CHECK_SECONDS = 30.0


def notify(session: Session, names: Iterable[str]) -> None:
    """Wake who listens in other processes for these, when this transaction commits; on SQLite
    nothing."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_NOTIFY, {"names": ",".join(names)})


async def listen(db: Database, woken: Callable[..., None], stop: asyncio.Event) -> None:
    """Call `woken` with the names whenever a process has notified, until `stop` is set.

    A wake-up is a courtesy: who misses one, because the connection is lost, finds the rows at its
    next look. Raises what the driver raises when the connection is lost. On SQLite it only waits.
    The connection has the name by which `fedcop doctor` knows that a worker runs.
    """
    if db.is_sqlite:
        await stop.wait()
        return
    async with db.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection

        def called(_: object, __: int, ___: str, names: str) -> None:
            woken(*names.split(","))

        await driver.execute(f"SET application_name = '{WORKER}'")
        await driver.add_listener(_CHANNEL, called)
        try:
            while not stop.is_set():
                await driver.fetchval("SELECT 1")  # raises if the connection is lost
                await _wait(stop)
        finally:
            if not driver.is_closed():
                await driver.remove_listener(_CHANNEL, called)
                await driver.execute("RESET application_name")


async def _wait(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _CHECK_SECONDS)
    except TimeoutError:
        return
