"""Bring the schema up to date: under a lock, with a backup before, and say where it stands."""

import asyncio
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from fedcop.db.engine import Database
from fedcop.errors import Conflict, FedcopError

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x_FED_C09


class BackupFailed(FedcopError):
    """No copy of the database could be made, so nothing was changed."""


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


def back_up(url: URL, folder: Path) -> Path:
    """Copy the whole database into `folder`; the file's path. Raises BackupFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    if url.get_backend_name() == "sqlite":
        target = folder / f"fedcop-{stamp}.db"
        origin, into = sqlite3.connect(url.database or ""), sqlite3.connect(target)
        with closing(origin) as source, closing(into) as copy:
            source.backup(copy)
        return target
    return _dump(url, folder / f"fedcop-{stamp}.dump")


def _dump(url: URL, target: Path) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed(
            "There is no pg_dump here to make a backup with. Install PostgreSQL's client, or make "
            "a backup yourself and run: fedcop db upgrade --no-backup"
        )
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    made = subprocess.run(  # noqa: S603  a program found by name, with our own settings
        [program, "--format=custom", f"--file={target}", plain],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise BackupFailed(f"pg_dump failed: {made.stderr.strip()}")
    return target


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _status(connection: Connection) -> Status:
    scripts = ScriptDirectory.from_config(_config(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    newest = scripts.get_current_head() or ""
    known = [script.revision for script in scripts.walk_revisions()]
    if current is not None and current not in known:
        raise Conflict(
            f"The database was made by a newer FedCoP (change {current}). Install that version, "
            "or restore the backup that was made before the upgrade."
        )
    pending = known[: known.index(current)] if current else known
    return Status(current, newest, tuple(reversed(pending)))


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    command.upgrade(_config(connection), "head")
