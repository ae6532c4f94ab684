"""Moves a server from SQLite to PostgreSQL: every table, every row, counted on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Table,
    create_engine,
    func,
    insert,
    make_url,
    null,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fedcop.db import migrate
from fedcop.db.engine import Database
from fedcop.db.programs import BackupFailed
from fedcop.db.serving import alone
from fedcop.domain.site.found import check_host, site
from fedcop.errors import Conflict
from fedcop.settings import Settings
from fedcop.tables import METADATA
from fedcop.upkeep.create import TABLES
from fedcop.upkeep.postgresql import check_unused, is_ours, tables
from fedcop.wiring import FILL_SEARCH
from fedcop.work.jobs import Job

_ROWS_AT_ONCE = 1000
_FOREIGN_KEYS = sql(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class Copied:
    """Table → how many rows were copied (or would be)."""

    rows: Mapping[str, int]


def hidden(url: str) -> str:
    """The URL of a database without its password, to be shown."""
    return make_url(url).render_as_string(hide_password=True)


async def preview(settings: Settings, url: str) -> Copied:
    """What `move` would copy. Raises Conflict for whatever stands in its way."""
    source, target = Database(settings.database), Database(_with_driver(settings, url))
    try:
        await _check(settings, source, target)
        return Copied(_counted(source))
    finally:
        await source.close()
        await target.close()


async def move(settings: Settings, url: str) -> Copied:
    """Copy everything into the empty PostgreSQL database at `url`; the SQLite file stays as it is.

    All rows come in one transaction, and are counted on both sides before it is committed; foreign
    keys are laid aside for it and made again, which proves them. Raises Conflict while a server
    runs, for a database that is not empty, or is behind; BackupFailed if PostgreSQL does not take
    what SQLite holds, and then nothing was copied.
    """
    with alone(settings.database):
        source, target = Database(settings.database), Database(_with_driver(settings, url))
        try:
            await _check(settings, source, target)
            await migrate.upgrade(target, None)
            async with target.engine.connect() as connection, connection.begin():
                return Copied(await connection.run_sync(_copy, source))
        except SQLAlchemyError as error:
            said = getattr(error, "orig", None) or error
            raise BackupFailed(f"PostgreSQL did not take it, nothing was copied: {said}") from error
        finally:
            await source.close()
            await target.close()


def _with_driver(settings: Settings, url: str) -> str:
    made = settings.model_copy(update={"database_url": url}).database
    if not made.startswith("postgresql+"):
        raise Conflict(
            "Write the address of the PostgreSQL database as postgresql://USER@HOST/NAME."
        )
    return made


async def _check(settings: Settings, source: Database, target: Database) -> None:
    if not source.is_sqlite:
        raise Conflict("This server uses PostgreSQL already.")
    await source.read(lambda session: check_host(session, settings.host))
    if not (await migrate.status(source)).is_current:
        raise Conflict("The SQLite database is behind this version. Run: fedcop db upgrade")
    try:
        await check_unused(target)
        there = await tables(target)
        used = TABLES & there and await target.read(site) is not None
    except (SQLAlchemyError, OSError) as error:
        said = str(getattr(error, "orig", None) or error).strip()
        raise Conflict(f"PostgreSQL does not answer there: {said}") from error
    if used or not all(map(is_ours, there)):
        raise Conflict(
            f"That database is not empty: it has {len(there)} tables. Make a new one: createdb NAME"
        )


def _plain(source: Database) -> Engine:
    """A synchronous engine on the SQLite file: nobody else is there to wait for."""
    return create_engine(source.url.set(drivername="sqlite"))


def _counted(source: Database) -> dict[str, int]:
    engine = _plain(source)
    try:
        with engine.connect() as connection:
            return {table.name: _count(connection, table) for table in METADATA.sorted_tables}
    finally:
        engine.dispose()


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _copy(target: Connection, source: Database) -> dict[str, int]:
    engine = _plain(source)
    keys = target.execute(_FOREIGN_KEYS).all()
    for table, name, _ in keys:
        target.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    try:
        with engine.connect() as origin:
            rows = {table.name: _copy_table(origin, target, table) for table in _tables()}
    finally:
        engine.dispose()
    for table, name, definition in keys:
        target.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    _index_later(target)
    return rows


def _index_later(target: Connection) -> None:
    """Each database has a search index of its own kind; a job fills the new one."""
    now = datetime.now(UTC)
    job = Job(name=FILL_SEARCH, payload={}, due_at=now)
    with Session(target) as session:
        session.add(job)
        session.flush()


def _tables() -> Sequence[Table]:
    return METADATA.sorted_tables


def _copy_table(origin: Connection, target: Connection, table: Table) -> int:
    expected = _count(origin, table)
    target.execute(table.delete())  # what a migration may have laid there
    nullable = [column.name for column in table.columns if isinstance(column.type, JSON)]
    stream = origin.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table))
    for some in stream.mappings().partitions():
        target.execute(insert(table), [_row(dict(row), nullable) for row in some])
    arrived = _count(target, table)
    if arrived != expected:
        raise Conflict(
            f"Of {expected} rows of {table.name} {arrived} arrived; nothing was copied. Is "
            "something else writing to one of the databases?"
        )
    return arrived


def _row(values: dict[str, Any], nullable: Sequence[str]) -> dict[str, Any]:
    """The row to insert. JSON that is absent stays absent, and does not become the JSON null."""
    for name in nullable:
        if values.get(name) is None:
            values[name] = null()
    return values
