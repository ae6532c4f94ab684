"""`fedcop db`: the schema of the database, and where it stands."""

import asyncio
from typing import Annotated

import typer

from fedcop.cli.opening import read_settings
from fedcop.cli.printing import AsJson, console, listed
from fedcop.db import migrate
from fedcop.db.engine import Database
from fedcop.db.migrate import Status
from fedcop.settings import Settings
from fedcop.upkeep.to_postgresql import hidden, move, preview

app = typer.Typer(help="The database and its schema.", no_args_is_help=True)


@app.command()
def upgrade(
    backup: Annotated[
        bool, typer.Option("--backup/--no-backup", help="Copy the database before.")
    ] = True,
) -> None:
    """Apply the changes that this version needs, after a backup."""
    settings = read_settings(log_level="warning")
    with console.status("Bringing the database up to date …"):
        before, copy = asyncio.run(_upgrade(settings, backup=backup))
    if before.is_current:
        console.print(f"Nothing to do: the database is at change {before.newest}.")
        return
    if copy is not None:
        console.print(f"Backup: {copy}")
    console.print(f"Applied: {', '.join(before.pending)}")


@app.command("status")
def show_status(as_json: AsJson = False) -> None:
    """Show which change the database has, and what is pending."""
    standing = asyncio.run(_status(read_settings(log_level="warning")))
    row = {
        "current": standing.current or "",
        "newest": standing.newest,
        "pending": ", ".join(standing.pending),
    }
    listed([row], as_json=as_json, empty="")
    if not standing.is_current and not as_json:
        console.print("Run: fedcop db upgrade")


@app.command("to-postgres")
def to_postgres(
    url: Annotated[str, typer.Argument(help="An empty database, as postgresql://USER@HOST/NAME.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it, rather than preview it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy everything from SQLite to an empty PostgreSQL database, while no server runs."""
    settings = read_settings(log_level="warning")
    with console.status("Copying …" if yes else "Counting …"):
        done = asyncio.run((move if yes else preview)(settings, url))
    rows = [{"table": name, "rows": count} for name, count in done.rows.items()]
    listed(rows, as_json=as_json, empty="")
    if as_json:
        return
    if not yes:
        console.print(f"\nThese would be copied to {hidden(url)}. To do it: --yes")
        return
    console.print(
        f"\n[green]✓[/] Copied and counted. Now set database_url in fedcop.toml, or "
        f"FEDCOP_DATABASE_URL, to {hidden(url)} (with the password), and start the server. "
        f"{settings.data_dir}/fedcop.db stays as it was: keep it until you are content."
    )


async def _upgrade(settings: Settings, *, backup: bool) -> tuple[Status, object]:
    db = Database(settings.database)
    try:
        return await migrate.upgrade(db, settings.data_dir / "backups" if backup else None)
    finally:
        await db.close()


async def _status(settings: Settings) -> Status:
    db = Database(settings.database)
    try:
        return await migrate.status(db)
    finally:
        await db.close()
