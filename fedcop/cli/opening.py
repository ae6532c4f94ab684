"""Opens the server that the settings describe, for as long as one command takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from fedcop.bootstrap import House, build
from fedcop.db import migrate
from fedcop.domain.site.found import check_host
from fedcop.errors import Conflict, Invalid
from fedcop.log import configure
from fedcop.settings import Settings, config_path, load_settings

T = TypeVar("T")


def read_settings(**overrides: Any) -> Settings:
    """The settings, with those of the command line above all others (None is no setting).

    Raises Invalid, which names the setting that cannot be used and where it was looked for.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = load_settings(**given)
    except ValidationError as error:
        raise Invalid(in_words(error)) from error
    configure(settings.log_level, settings.log_format)
    return settings


def in_words(error: ValidationError) -> str:
    """What is wrong with the settings, and where to change it."""
    lines: list[str] = []
    for wrong in error.errors():
        name = ".".join(str(part) for part in wrong["loc"])
        if wrong["type"] == "missing" and name == "host":
            return (
                f"There is no server here: {config_path()} does not exist, and FEDCOP_HOST is not "
                "set. Set one up with: fedcop init HOST, or go to the folder where it is."
            )
        lines.append(f"{name}: {wrong['msg'].removeprefix('Value error, ')}")
    return f"The settings cannot be used. Change them in {config_path()} or the environment:\n" + (
        "\n".join(lines)
    )


def in_house(work: Callable[[House], Awaitable[T]], settings: Settings | None = None) -> T:
    """Build the server, do `work` with it, and close it again.

    Raises Conflict unless its database is up to date and belongs to the host of the settings.
    """
    return asyncio.run(_in_house(work, settings or read_settings(log_level="warning")))


async def _in_house(work: Callable[[House], Awaitable[T]], settings: Settings) -> T:
    check_secret(settings)
    house = build(settings)
    try:
        await check_schema(house)
        await house.app.read(lambda session: check_host(session, settings.host))
        return await work(house)
    finally:
        await house.close()


def check_secret(settings: Settings) -> None:
    """Raise Conflict if there is no key to open the private keys of the database with."""
    if not settings.secret:
        raise Conflict(
            f"There is no {settings.data_dir / 'secret.key'}. If this server was never set up, "
            "run: fedcop init HOST. If it was, put its secret.key back from the backup."
        )


async def check_schema(house: House) -> None:
    """Raise Conflict if the database lacks changes that this version needs."""
    standing = await migrate.status(house.app.db)
    if not standing.is_current:
        raise Conflict(
            f"The database lacks {len(standing.pending)} changes. "
            + ("Run: fedcop db upgrade" if standing.current else "Run: fedcop init HOST")
        )
