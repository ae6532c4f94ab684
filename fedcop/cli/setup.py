"""`fedcop init`: a server is set up once, under a name that can never change."""

import asyncio
import ipaddress
import json
import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from fedcop.app import App
from fedcop.bootstrap import build_app
from fedcop.cli.opening import read_settings
from fedcop.cli.printing import console
from fedcop.db import migrate
from fedcop.domain.access.links import issue_invite
from fedcop.domain.site.found import set_up, site
from fedcop.errors import Conflict, Invalid
from fedcop.log import logger
from fedcop.settings import Settings, config_path

app = typer.Typer()
_log = logger("setup")
_OWNERS_LINK_DAYS = 14


@app.command()
def init(
    host: Annotated[str, typer.Argument(help="The name that people will see, for ever.")],
    name: Annotated[str, typer.Option(help="What the server is called; by default its host.")] = "",
    database_url: Annotated[
        str, typer.Option(help="PostgreSQL, as postgresql://…; by default a file of SQLite.")
    ] = "",
    data_dir: Annotated[Path, typer.Option(help="The folder for data, backups and the key.")] = (
        Path("data")
    ),
    development: Annotated[
        bool, typer.Option("--development", help="Plain http and ports, for trying out.")
    ] = False,
) -> None:
    """Set up a server in this folder, under the name that it has for ever."""
    check_host_name(host, development=development)
    config = config_path()
    if config.exists():
        raise Conflict(
            f"{config} is here already: this folder has a server. Start it with: fedcop serve. "
            "For another server go to another, empty folder."
        )
    given = {"database_url": database_url} if database_url else {}
    if ":" in host:  # in development the name itself says the port
        given["bind"] = f"127.0.0.1:{host.rpartition(':')[2]}"
    settings = read_settings(
        host=host, data_dir=data_dir, development=development, log_level="warning", **given
    )
    make_secret(settings)
    link = asyncio.run(_init(settings, name))
    write_config(config, settings)
    console.print(f"[green]✓[/] {settings.host} is set up. Its name can never change.")
    console.print(f"[green]✓[/] Written: {config}, {settings.data_dir}/")
    console.print(
        "\nStart the server with [bold]fedcop serve[/], then open this link to become its owner "
        f"(once, within {_OWNERS_LINK_DAYS} days):\n[bold]{link}[/]"
    )


def check_host_name(host: str, *, development: bool) -> None:
    """Raise Invalid, with words, for what cannot be the name of a server."""
    name = host.partition(":")[0]
    if "://" in host or "/" in host:
        suggestion = re.sub(r"^[a-z]+://", "", host).partition("/")[0]
        raise Invalid(f"Write only the name, without https:// and path: fedcop init {suggestion}")
    if _is_address(host) or _is_address(name):
        raise Invalid(
            f"{host} is an address. Other servers know this one by a name, for ever: "
            "use a name of yours that points here, such as community.example.org."
        )
    if ":" in host and not development:
        raise Invalid(
            f"Write the name without its port: fedcop init {name}. Other servers come to port 443; "
            "where your proxy finds this server is the setting bind."
        )
    if "." not in name and not development:
        raise Invalid(
            f"{host} is not a full name. Use one such as community.example.org; to try things "
            "out on this machine: fedcop demo."
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def make_secret(settings: Settings) -> None:
    """Write a new secret.key, for its owner's eyes only, unless there is a secret already."""
    if settings.secret:
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_privately(settings.data_dir / "secret.key", secrets.token_urlsafe(48) + "\n")


def write_config(path: Path, settings: Settings) -> None:
    """Write the settings that were chosen here; it may hold the password of the database."""
    lines = [
        "# The settings of this server; docs/admins/settings.md explains them all.",
        "# The name can never change.",
        f"host = {json.dumps(settings.host)}",
        f"data_dir = {json.dumps(str(settings.data_dir))}",
    ]
    if settings.database_url:
        lines.append(f"database_url = {json.dumps(settings.database_url)}")
    if settings.development:
        lines.append(f"development = true\nbind = {json.dumps(settings.bind)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_privately(path, "\n".join(lines) + "\n")


def _write_privately(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)


async def _init(settings: Settings, name: str) -> str:
    made = build_app(settings)
    try:
        await bring_up_to_date(made, settings.data_dir / "backups")
        return await make_site(made, name)
    finally:
        await made.client.client.aclose()
        await made.db.close()


async def bring_up_to_date(made: App, backups: Path | None) -> None:
    """Apply pending changes of the schema; a backup is made before. Raises BackupFailed."""
    before, copy = await migrate.upgrade(made.db, backups)
    if not before.is_current:
        _log.info("schema changed", changes=list(before.pending), backup=str(copy or ""))


async def make_site(made: App, name: str = "") -> str:
    """Make the server's row and actor; the one-time link of its owner.

    Raises Conflict if the database belongs to a server already.
    """
    keys = await made.fresh_keys()
    title = name.strip() or made.settings.host
    await made.act(lambda uow: set_up(uow, name=title, keys=keys))
    return await owners_link(made)


async def owners_link(made: App) -> str:
    """A link with which one person becomes an admin of this server."""
    token = await made.act(
        lambda uow: issue_invite(uow, role="admin", days=_OWNERS_LINK_DAYS),
    )
    return f"{made.uris.base}/join/{token}"


async def set_up_if_new(made: App, title: str = "") -> None:
    """Make a server of an empty database, as a container does at its first start."""
    if await made.read(site) is None:
        link = await make_site(made, title)
        console.print(
            f"{made.settings.host} is new; its name can never change. To become its owner, open "
            f"this link once, within {_OWNERS_LINK_DAYS} days:\n{link}"
        )
