"""Makes a backup while the server runs: of one moment, in one file."""

import asyncio
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fedcop import __version__
from fedcop.db.backup import copy_sqlite, dump, open_sqlite, stamp
from fedcop.db.engine import Database
from fedcop.db.programs import BackupFailed
from fedcop.domain.site.found import check_host
from fedcop.errors import Conflict
from fedcop.settings import Settings, config_path
from fedcop.tables import METADATA
from fedcop.upkeep.archive import CONFIG, DATABASES, SECRET, Manifest, pack
from fedcop.upkeep.machine import LAST_BACKUP
from fedcop.upkeep.verify import verify

TABLES = frozenset(table.name for table in METADATA.sorted_tables)
_REVISION = "SELECT version_num FROM alembic_version"


async def create(settings: Settings, db: Database, target: Path | None = None) -> Path:
    """Make a backup and verify it; its file.

    By default it lies in the folder `backups` in the data folder. Raises Conflict for a server
    that is not set up or has no secret key, BackupFailed if it could not be made, Damaged if it
    does not verify.
    """
    if not settings.secret:
        raise Conflict("There is no secret key, without which a backup is worth nothing.")
    await db.read(lambda session: check_host(session, settings.host))
    file = target or settings.data_dir / "backups" / f"fedcop-{settings.host}-{stamp()}.tar.gz"
    file = file.with_name(file.name.replace(":", "_"))
    made = await write(settings, db, file)
    await asyncio.to_thread(verify, file)
    _remember(settings, made, file)
    return file


async def write(settings: Settings, db: Database, file: Path) -> Manifest:
    """Write a backup of whatever is there, and say what is in it. Raises BackupFailed."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fedcop-", dir=file.parent) as folder:
            return await _write(settings, db, file, Path(folder))
    except OSError as error:
        raise BackupFailed(f"{file} could not be written: {error.strerror or error}") from error


async def _write(settings: Settings, db: Database, file: Path, folder: Path) -> Manifest:
    kind = "sqlite" if db.is_sqlite else "postgresql"
    parts = {DATABASES[kind]: folder / DATABASES[kind]}
    created_at = datetime.now(UTC)
    copy = _copied if db.is_sqlite else _dumped
    rows, revision = await copy(db, parts[DATABASES[kind]])
    await asyncio.to_thread(_put_files, settings, folder, parts)
    manifest = Manifest(
        program=__version__,
        host=settings.host,
        kind=kind,
        revision=revision,
        created_at=created_at,
        rows=rows,
        parts={},
    )
    return await asyncio.to_thread(pack, file, manifest, parts)


def _put_files(settings: Settings, folder: Path, parts: dict[str, Path]) -> None:
    if settings.secret:
        parts[SECRET] = folder / SECRET
        parts[SECRET].touch(mode=0o600)
        parts[SECRET].write_text(settings.secret + "\n", encoding="utf-8")
    config = config_path()
    if config.exists():
        parts[CONFIG] = folder / CONFIG
        parts[CONFIG].touch(mode=0o600)
        parts[CONFIG].write_bytes(config.read_bytes())


async def _copied(db: Database, target: Path) -> tuple[dict[str, int], str]:
    return await asyncio.to_thread(_copy, Path(db.url.database or ""), target)


def _copy(origin: Path, target: Path) -> tuple[dict[str, int], str]:
    copy_sqlite(origin, target)
    with closing(open_sqlite(target)) as copy:
        return counted(copy), revision_of(copy)


def counted(copy: sqlite3.Connection) -> dict[str, int]:
    """How many rows each of our tables has."""
    names = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  our own name
        for name in sorted(names & TABLES)
    }


def revision_of(copy: sqlite3.Connection) -> str:
    """The newest change of the schema. Raises BackupFailed for a database that is not ours."""
    try:
        row = copy.execute(_REVISION).fetchone()
    except sqlite3.Error as error:
        raise BackupFailed(f"It is not a database of FedCoP: {error}") from error
    return str(row[0]) if row else ""


async def _dumped(db: Database, target: Path) -> tuple[dict[str, int], str]:
    """Copy and count within one snapshot, however much is written meanwhile."""
    async with db.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        rows, revision = await connection.run_sync(_counted)
        snapshot = await _exported(connection)
        await asyncio.to_thread(dump, db.url, target, snapshot)
        return rows, revision


async def _exported(connection: AsyncConnection) -> str:
    return str(await connection.scalar(text("SELECT pg_export_snapshot()")))


def _counted(connection: Connection) -> tuple[dict[str, int], str]:
    there = set(inspect(connection).get_table_names())
    rows = {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in METADATA.sorted_tables
        if table.name in there
    }
    return rows, str(connection.scalar(text(_REVISION)))


def _remember(settings: Settings, made: Manifest, file: Path) -> None:
    """Leave word for the doctor."""
    note = settings.data_dir / LAST_BACKUP
    words = {"created_at": made.created_at.isoformat(), "file": str(file.absolute())}
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = note.with_name(f".{note.name}.part")
    fresh.write_text(json.dumps(words) + "\n", encoding="utf-8")
    fresh.replace(note)
