"""Bring the schema up to date: under a lock, with a backup before, and say where it stands."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from fedcop.db.backup import back_up
from fedcop.db.engine import Database
from fedcop.errors import Conflict

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_APPLYING = "fedcop.db.applying"
"""What applies them, with Alembic; loaded when there is something to apply."""
_LOCK = 0x_FED_C09


@dataclass(frozen=True, slots=True)
class Status:
    """Which change the database has, which is the newest here, and what lies between."""

    current: str | None
    newest: str
    pending: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        return not self.pending


async def status(db: Database) -> Status:
    """Where the schema stands. Raises Conflict if a newer FedCoP made it."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_status)


def revisions() -> tuple[str, ...]:
    """Every change that this program knows, the oldest first: the file of one begins with it."""
    return tuple(sorted(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py")))


async def upgrade(db: Database, backups: Path | None) -> tuple[Status, Path | None]:
    """Apply what is pending; the status before it, and the backup that was made.

    A database that is still empty needs no backup, and `backups=None` asks for none. Raises
    BackupFailed before anything is changed, and Conflict for a database newer than this program.
    """
    before = await status(db)
    if before.is_current:
        return before, None
    copy = None
    if backups is not None and before.current is not None:
        copy = await asyncio.to_thread(back_up, db.url, backups)
    async with db.engine.connect() as connection:
        await connection.execution_options(writing=True)
        async with connection.begin():
            await connection.run_sync(_upgrade)
    return before, copy


def _status(connection: Connection) -> Status:
    current = _current(connection)
    known = revisions()
    if current is not None and current not in known:
        raise Conflict(
            f"The database was made by a newer FedCoP (change {current}). Install that version, "
            "or restore the backup that was made before the upgrade."
        )
    pending = known[known.index(current) + 1 :] if current else known
    return Status(current, known[-1], pending)


def _current(connection: Connection) -> str | None:
    """The change that Alembic noted last in this database; None if it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    import_module(_APPLYING).apply(connection)
