"""A PostgreSQL database is replaced by the one of a backup, with PostgreSQL's own programs."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, inspect

from fedcop.db.backup import stamp
from fedcop.db.base import is_mapped
from fedcop.db.engine import Database
from fedcop.db.programs import run
from fedcop.db.serving import sessions
from fedcop.domain.site.found import site
from fedcop.errors import Conflict
from fedcop.settings import Settings
from fedcop.upkeep.archive import SECRET, Unpacked
from fedcop.upkeep.create import TABLES, write
from fedcop.upkeep.replace import Undo, move_aside, put_files

VERSION_TABLE = "alembic_version"


async def put_postgresql(
    backup: Unpacked, settings: Settings, config: Path, db: Database, undo: Undo
) -> Path | None:
    """Replace all our tables, or none; the backup that was made of the former state.

    Raises Conflict while anybody else is connected, and for a database of another host.
    """
    await check_unused(db)
    there = await tables(db)
    aside = None
    if VERSION_TABLE in there:
        aside = settings.data_dir / f"before-restore-{stamp()}.tar.gz"
        await _check_owner(settings, db)
        await write(settings, db, aside)
    if not settings.secret_key.get_secret_value():
        former = settings.data_dir / f"before-restore-{stamp()}"
        await asyncio.to_thread(move_aside, [settings.data_dir / SECRET], former, undo)
    await asyncio.to_thread(put_files, backup, settings, config, undo)
    await asyncio.to_thread(_replay, backup, db, there)
    return aside


def is_ours(table: str) -> bool:
    """Whether a table is one of FedCoP's: with a model, of the search, or Alembic's."""
    return table in TABLES or table == VERSION_TABLE or not is_mapped(table, "table", {})


async def check_unused(db: Database) -> None:
    """Raise Conflict if anybody else is connected to this database."""
    others = await sessions(db)
    if others:
        who = ", ".join(f"{count} × {name}" for name, count in others.items())
        raise Conflict(
            f"The database is in use ({who}). Stop every server and worker on it, and whatever "
            "else is connected."
        )


async def tables(db: Database) -> set[str]:
    """The names of all tables that the database has."""

    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with db.engine.connect() as connection:
        return await connection.run_sync(names)


async def _check_owner(settings: Settings, db: Database) -> None:
    standing = await db.read(site)
    if standing is not None and standing.host != settings.host:
        raise Conflict(
            f"The database of the settings belongs to {standing.host}. Name an empty one, or the "
            f"one of {settings.host}."
        )


def _replay(backup: Unpacked, db: Database, there: set[str]) -> None:
    """Let psql drop our tables and make those of the backup, in one transaction: all or nothing."""
    script = backup.folder / "restore.sql"
    run("pg_restore", None, "--no-owner", "--no-privileges", f"--file={script}", backup.database)
    plain = backup.folder / "plain.sql"
    plain.touch(mode=0o600)
    with script.open("rb") as given, plain.open("wb") as into:
        # A newer pg_restore says this to older servers, too, which do not know it.
        into.writelines(line for line in given if not line.startswith(b"SET transaction_timeout"))
    ours = sorted(name for name in there if is_ours(name) or name in backup.manifest.rows)
    drop = [f"--command=DROP TABLE {', '.join(f'public.{name}' for name in ours)} CASCADE"]
    run(
        "psql",
        db.url,
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        *(drop if ours else []),
        f"--file={plain}",
    )
