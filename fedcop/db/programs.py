"""PostgreSQL's own programs (pg_dump, pg_restore, psql), run on the database of a URL."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL

from fedcop.errors import FedcopError


class BackupFailed(FedcopError):
    """A copy of a database could not be made, read or put back; the message says why."""


def find(program: str) -> Path:
    """Where a program of PostgreSQL is. Raises BackupFailed if it is not installed."""
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(
            f"There is no {program} here. Install PostgreSQL's client of the version of your "
            "server: apt install postgresql-client, or the package of that name on your system."
        )
    return Path(found)


def run(program: str, url: URL | None, *words: str | Path) -> str:
    """Run a program to its end; what it printed. Raises BackupFailed with its own words.

    `url` is the database that it works on. The password goes by the environment, since others on
    the machine can read the words of a command.
    """
    where = [] if url is None else [f"--dbname={plain(url)}"]
    done = subprocess.run(  # noqa: S603  a program found by name, with our own settings
        [find(program), *where, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(url),
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def plain(url: URL) -> str:
    """The URL as PostgreSQL's own library reads it, without the password."""
    named = url.set(drivername="postgresql", password=None)
    ssl = named.query.get("ssl")  # asyncpg's word for it
    if ssl is not None:
        named = named.difference_update_query(["ssl"]).update_query_dict({"sslmode": ssl})
    return named.render_as_string(hide_password=False)


def environment(url: URL | None) -> Mapping[str, str]:
    """The environment of such a program: ours, and the password."""
    password = url.password if url is not None else None
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}
