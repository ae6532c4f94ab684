"""Puts a backup back: what stands now is moved aside, and federation goes on from the backup.

Ids are times (`fedcop.ids`), so what is said after a restore never has the id of something that was
said after the backup and is lost. What waited to be delivered is delivered again: at least once.
"""

import asyncio
import os
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.db import migrate
from fedcop.db.backup import stamp
from fedcop.db.engine import Database
from fedcop.db.serving import alone
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.people.models import Actor
from fedcop.errors import Conflict
from fedcop.outbox.queue import free_all
from fedcop.settings import Settings, load_settings
from fedcop.upkeep.archive import SECRET, Manifest, Unpacked
from fedcop.upkeep.postgresql import put_postgresql
from fedcop.upkeep.replace import BESIDE, Undo, lay, move_aside, put_files
from fedcop.wiring import CATCH_UP_COMMUNITY
from fedcop.work.jobs import Job

_CLOCK_BEHIND = timedelta(minutes=5)
_OTHER_KIND = {
    "sqlite": "This backup is of an SQLite database, but the settings name a PostgreSQL one. "
    "Restore it without database_url, and then run: fedcop db to-postgres URL",
    "postgresql": "This backup is of a PostgreSQL database, but the settings name none. Set "
    "FEDCOP_DATABASE_URL to an empty one.",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: where the former state is, and which changes were applied to the backup's."""

    aside: Path | None
    applied: tuple[str, ...]


def settings_of(backup: Unpacked, config: Path) -> Settings:
    """The settings of this machine; where there are none, those in the backup.

    `config` is the settings file that would be read. The environment goes before either. Raises
    pydantic's ValidationError, and Conflict for the settings of another server.
    """
    given: dict[str, Any] = {}
    if not config.exists():
        if backup.config is not None:
            given = tomllib.loads(backup.config.read_text(encoding="utf-8"))
        given.setdefault("host", backup.manifest.host)
        given = {name: value for name, value in given.items() if not _in_environment(name)}
    settings = load_settings(**given)
    _check_belongs(settings, backup)
    return settings


def _in_environment(name: str) -> bool:
    name = f"FEDCOP_{name.upper()}"
    return name in os.environ or f"{name}_FILE" in os.environ


def _check_belongs(settings: Settings, backup: Unpacked) -> None:
    manifest = backup.manifest
    if settings.host != manifest.host:
        raise Conflict(
            f"This is a backup of {manifest.host}, but the settings here say {settings.host}. A "
            "server's name can never change: go to the folder of that server, or to an empty one."
        )
    kind = "sqlite" if settings.database.startswith("sqlite") else "postgresql"
    if kind != manifest.kind:
        raise Conflict(_OTHER_KIND[manifest.kind])
    own = settings.secret_key.get_secret_value()
    if own and own != backup.secret:
        raise Conflict(
            "FEDCOP_SECRET_KEY is set, and is not the key of this backup. Unset it, or set it to "
            "the one that belongs to this server."
        )
    if manifest.created_at > datetime.now(UTC) + _CLOCK_BEHIND:
        raise Conflict(
            f"The clock here is behind: this backup was made at {_minute(manifest.created_at)}. "
            "Set the clock first; ids are times, and would clash."
        )


async def restore(backup: Unpacked, settings: Settings, config: Path) -> Restored:
    """Put a verified backup in the place of what is there.

    `settings` come from `settings_of`. The former state is moved into a folder (on PostgreSQL: is
    written to a backup), whose path comes back. If anything fails, it is put back, and what failed
    is raised. Raises Conflict while a server runs, and for a database of another host.
    """
    with alone(settings.database):
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = Database(settings.database)
        undo = Undo()
        try:
            put = _put_sqlite if db.is_sqlite else put_postgresql
            aside = await put(backup, settings, config, db, undo)
            applied = await _go_on(db)
        except BaseException:
            await db.close()
            undo()
            raise
        await db.close()
        return Restored(aside, applied)


async def _put_sqlite(
    backup: Unpacked, settings: Settings, config: Path, db: Database, undo: Undo
) -> Path | None:
    path = Path(db.url.database or "")
    aside = settings.data_dir / f"before-restore-{stamp()}"
    former = [path.with_name(path.name + end) for end in BESIDE]
    if not settings.secret_key.get_secret_value():
        former.append(settings.data_dir / SECRET)
    await asyncio.to_thread(move_aside, former, aside, undo)
    await asyncio.to_thread(lay, backup.database, path, undo)
    await asyncio.to_thread(put_files, backup, settings, config, undo)
    return aside if undo.has_moved else None


async def _go_on(db: Database) -> tuple[str, ...]:
    """Bring the schema up to date, free what was leased, and ask communities what was missed."""
    before, _ = await migrate.upgrade(db, None)
    await db.write(_resume)
    return before.pending


def _resume(session: Session) -> None:
    free_all(session)
    joined = (
        select(Membership.community_id)
        .join(Community, Community.actor_id == Membership.community_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .where(~Community.local, Actor.host_id.is_(None))
        .distinct()
    )
    now = datetime.now(UTC)
    for community_id in session.scalars(joined):
        payload = {"community_id": community_id}
        session.add(Job(name=CATCH_UP_COMMUNITY, payload=payload, due_at=now))


def plan(backup: Unpacked, settings: Settings, config: Path) -> list[str]:
    """What `restore` would do, in words."""
    manifest = backup.manifest
    made = f"made {_minute(manifest.created_at)} by FedCoP {manifest.program}"
    lines = [
        f"Backup of {manifest.host}, {made}: {contents(manifest)}.",
        f"It would replace the database {_where(settings)}.",
    ]
    behind = migrate.revisions()
    missing = len(behind) - 1 - behind.index(manifest.revision)
    if missing:
        lines.append(f"It would then be brought up to date by {missing} changes of the schema.")
    lines.append("What is there now would be moved aside, not deleted.")
    if backup.config is not None:
        kept = config.exists()
        lines.append(
            f"The settings in {config} stay as they are."
            if kept
            else f"Its settings would be written to {config}."
        )
    return lines


def contents(manifest: Manifest) -> str:
    """The main figures of a backup."""
    names = {"accounts": "accounts", "communities": "communities", "posts": "posts"}
    return ", ".join(f"{manifest.rows.get(table, 0)} {name}" for table, name in names.items())


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _where(settings: Settings) -> str:
    return Database(settings.database).url.render_as_string(hide_password=True)
