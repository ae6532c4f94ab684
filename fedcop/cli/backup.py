"""`fedcop backup`: backups are made, verified and restored."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from fedcop.cli.opening import in_words, read_settings
from fedcop.cli.printing import AsJson, console, listed
from fedcop.db.engine import Database
from fedcop.errors import Invalid
from fedcop.settings import Settings, config_path
from fedcop.upkeep.archive import CONFIG, Manifest, Unpacked
from fedcop.upkeep.create import create as create_backup
from fedcop.upkeep.restore import Restored, contents, plan, settings_of
from fedcop.upkeep.restore import restore as restore_backup
from fedcop.upkeep.verify import verified
from fedcop.upkeep.verify import verify as verify_backup

app = typer.Typer(
    help="Backups: made while the server runs, verified, restored.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="The file of the backup.", dir_okay=False)]


@app.command()
def create(
    to: Annotated[
        Path | None,
        typer.Option(help="The file to write; by default in the folder backups of the data."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup in one file, while the server runs, and verify it."""
    settings = read_settings(log_level="warning")
    file = asyncio.run(_create(settings, to))
    manifest = verify_backup(file) if as_json else None
    if manifest is not None:
        listed([_row(file, manifest)], as_json=True, empty="")
        return
    console.print(f"Backup, verified: [bold]{file}[/] ({file.stat().st_size:,} bytes)")
    console.print(
        "It holds the private keys of everybody here and the secret that opens them: keep it where "
        "nobody else can read it, and not on this machine alone."
    )
    if not config_path().exists():
        console.print(
            "The settings come from the environment (FEDCOP_…) and are not in it: keep them, too."
        )


async def _create(settings: Settings, to: Path | None) -> Path:
    db = Database(settings.database)
    try:
        return await create_backup(settings, db, to)
    finally:
        await db.close()


@app.command()
def verify(file: File, as_json: AsJson = False) -> None:
    """Show that a backup is whole, and that it can be restored by this version."""
    manifest = verify_backup(file)
    if as_json:
        listed([_row(file, manifest)], as_json=True, empty="")
        return
    console.print(
        f"Whole, and its secret opens its keys: {manifest.host}, made "
        f"{manifest.created_at:%Y-%m-%d %H:%M} UTC by FedCoP {manifest.program}, {manifest.kind}, "
        f"{contents(manifest)}."
    )


def _row(file: Path, manifest: Manifest) -> dict[str, Any]:
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "holds_settings": CONFIG in manifest.parts,
        **manifest.model_dump(mode="json"),
    }


@app.command()
def restore(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, rather than preview it.")] = False,
) -> None:
    """Put a backup in the place of what is there, which is moved aside, while no server runs."""
    config = config_path()
    with verified(file) as backup:
        settings = _settings(backup, config)
        for line in plan(backup, settings, config):
            console.print(line)
        if not yes:
            console.print("\nNothing was changed. To do it: the same command with [bold]--yes[/]")
            return
        done = asyncio.run(restore_backup(backup, settings, config))
        console.print(_told(done, settings))


def _settings(backup: Unpacked, config: Path) -> Settings:
    try:
        return settings_of(backup, config)
    except ValidationError as error:
        raise Invalid(in_words(error)) from error


def _told(done: Restored, settings: Settings) -> str:
    lines = ["\n[green]✓[/] Restored. Start the server, and then run: fedcop doctor"]
    if done.applied:
        lines.append(f"Changes of the schema applied: {', '.join(done.applied)}")
    if done.aside is not None and done.aside.is_dir():
        data = settings.data_dir
        lines += [
            f"What was there before is in [bold]{done.aside}[/]. To undo, stop the server and:",
            f"  rm -f {data}/fedcop.db-wal {data}/fedcop.db-shm && cp -p {done.aside}/* {data}/",
        ]
    elif done.aside is not None:
        lines += [
            f"What was there before is in [bold]{done.aside}[/]. To undo, stop the server and:",
            f"  fedcop backup restore {done.aside} --yes",
        ]
    return "\n".join(lines)
