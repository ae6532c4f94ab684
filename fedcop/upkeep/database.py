"""Checks of the database: it opens, is sound and can be written, and belongs to this server."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fedcop.db import migrate
from fedcop.db.backup import open_sqlite
from fedcop.db.engine import Database
from fedcop.domain.people.keys import Sealer, WrongSecret
from fedcop.domain.people.models import Key
from fedcop.domain.site.found import check_host
from fedcop.domain.site.models import Site
from fedcop.errors import FedcopError
from fedcop.settings import Settings
from fedcop.upkeep.findings import Finding, broken, is_broken, ok, warning

_OLDEST_POSTGRESQL = 140_000
_KEYS_TRIED = 1000


class _UndoneOnPurpose(Exception):
    """Ends a write that was only to show that one can write."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Database]:
    """The database of the settings, for as long as this is open. Nothing is asked of it yet."""
    db = Database(settings.database)
    try:
        yield db
    finally:
        await db.close()


async def check_database(settings: Settings, db: Database) -> list[Finding]:
    """Everything about the database; a check that needs what failed before it is left out."""
    missing = _missing(settings, db)
    if missing is not None:
        return [missing]
    try:
        sound = await _sqlite(db) if db.is_sqlite else await _postgresql(db)
        findings = [sound]
        if is_broken(findings):
            return findings
        schema = await _schema(db)
        findings.append(schema)
        if schema.state == "ok":
            findings += [await _owner(settings, db), await _writable(db), await _keys(settings, db)]
    except (FedcopError, SQLAlchemyError, OSError, ValueError) as error:
        return [_cannot_open(db, error)]
    return findings


def _missing(settings: Settings, db: Database) -> Finding | None:
    if not db.is_sqlite or Path(db.url.database or "").exists():
        return None
    return broken(
        "database",
        f"There is no database at {db.url.database}.",
        f"For a new server: fedcop init {settings.host}. If there was one, its folder is another "
        "(FEDCOP_DATA_DIR), or its disk is not mounted; or fedcop backup restore FILE",
    )


def _cannot_open(db: Database, error: Exception) -> Finding:
    cause = error.__cause__ or error
    said = str(getattr(cause, "orig", None) or cause).strip().splitlines()
    where = db.url.render_as_string(hide_password=True)
    mend = (
        "See that the user who runs this may read and write the file, and that the disk is there."
        if db.is_sqlite
        else "See that PostgreSQL runs (pg_isready) and that FEDCOP_DATABASE_URL is right."
    )
    words = f"{where} cannot be used: {said[0] if said else type(cause).__name__}"
    return broken("database", words, mend)


async def _sqlite(db: Database) -> Finding:
    path = Path(db.url.database or "")
    wrong, size = await asyncio.to_thread(_unsound, path)
    if wrong:
        return broken(
            "database",
            f"{path} is damaged: {wrong}",
            "Stop the server and restore the newest backup: fedcop backup restore FILE",
        )
    return ok("database", f"SQLite {sqlite3.sqlite_version}, {size / (1 << 20):.1f} MB, sound.")


def _unsound(path: Path) -> tuple[str, int]:
    """What is wrong with the file, and its size."""
    size = path.stat().st_size
    try:
        with closing(open_sqlite(path)) as db:
            said = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as error:
        return str(error), size
    return "" if said == ["ok"] else "; ".join(said), size


async def _postgresql(db: Database) -> Finding:
    def ask(session: Session) -> tuple[int, str, int, int]:
        number = session.scalar(text("SELECT current_setting('server_version_num')::int")) or 0
        version = session.scalar(text("SHOW server_version")) or ""
        most = session.scalar(text("SELECT current_setting('max_connections')::int")) or 0
        used = session.scalar(text("SELECT count(*) FROM pg_stat_activity")) or 0
        return number, version, most, used

    number, version, most, used = await db.read(ask)
    words = f"PostgreSQL {version}, {used} of {most} connections in use."
    if number < _OLDEST_POSTGRESQL:
        return warning(
            "database",
            words + " Its makers no longer look after this version.",
            "Move to a current one: docs/admins/postgresql.md",
        )
    if most - used < 20:
        return warning("database", words, "Raise max_connections in postgresql.conf, and restart.")
    return ok("database", words)


async def _schema(db: Database) -> Finding:
    try:
        standing = await migrate.status(db)
    except FedcopError as error:
        return broken("schema", str(error), "docs/admins/upgrade.md says how to go back.")
    if standing.current is None:
        return broken("schema", "The database is empty.", "fedcop init HOST, or fedcop serve")
    if not standing.is_current:
        return broken(
            "schema", f"Pending: {', '.join(standing.pending)}.", "fedcop db upgrade, or a restart"
        )
    return ok("schema", f"At change {standing.newest}, the newest.")


async def _owner(settings: Settings, db: Database) -> Finding:
    try:
        row = await db.read(lambda session: check_host(session, settings.host))
    except FedcopError as error:
        return broken("name", str(error), "Correct host in fedcop.toml, or FEDCOP_HOST.")
    return ok("name", f"{row.host}, called {row.name}.")


async def _writable(db: Database) -> Finding:
    def write(session: Session) -> None:
        session.execute(update(Site).values(name=Site.name))
        raise _UndoneOnPurpose

    try:
        await db.write(write)
    except _UndoneOnPurpose:
        return ok("writing", "The database can be written.")
    except (FedcopError, SQLAlchemyError) as error:
        said = getattr(error.__cause__, "orig", None) or error
        return broken(
            "writing",
            f"The database cannot be written: {said}",
            "See that the disk is not full or read-only, that the user who runs this owns the "
            "file, and that no other program holds it.",
        )
    return ok("writing", "The database can be written.")


async def _keys(settings: Settings, db: Database) -> Finding:
    def load(session: Session) -> tuple[int, list[bytes]]:
        sealed = select(Key.private_sealed).where(Key.private_sealed.is_not(None))
        count = session.scalar(select(func.count()).select_from(sealed.subquery())) or 0
        return count, [one for one in session.scalars(sealed.limit(_KEYS_TRIED)) if one]

    if not settings.secret:
        return broken("keys", "There is no secret key to open them with.", "See: secret key")
    count, sealed = await db.read(load)
    sealer = Sealer(settings.secret)
    try:
        for one in sealed:
            sealer.unseal(one)
    except WrongSecret as error:
        return broken(
            "keys", str(error), "It is in every backup: fedcop backup restore FILE shows which."
        )
    return ok("keys", f"The secret key opens {len(sealed)} of {count} private keys.")
