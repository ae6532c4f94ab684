"""Copies of a whole database, made while it is in use."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from fedcop.db.programs import BackupFailed, run


def stamp() -> str:
    """This moment in UTC, to the microsecond, as a part of a file's name."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")


def back_up(url: URL, folder: Path) -> Path:
    """Copy the whole database into `folder`; the file's path. Raises BackupFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    if url.get_backend_name() == "sqlite":
        target = folder / f"fedcop-{stamp()}.db"
        copy_sqlite(Path(url.database or ""), target)
        return target
    target = folder / f"fedcop-{stamp()}.dump"
    dump(url, target)
    return target


def copy_sqlite(origin: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment, by SQLite's own online backup.

    Others may read and write meanwhile; what they commit after the beginning is not in the copy.
    The copy is one file, for its owner's eyes only. Raises BackupFailed.
    """
    if not origin.is_file():
        raise BackupFailed(f"There is no database at {origin}.")
    target.touch(mode=0o600)
    try:
        with closing(open_sqlite(origin)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite could not copy {origin}: {error}") from error


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A plain connection to a database that is there: none is made where there is none."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)


def dump(url: URL, target: Path, snapshot: str = "") -> None:
    """Copy a PostgreSQL database into a file in pg_dump's custom format.

    `snapshot` is one that a transaction has exported and holds open: then the copy is as that
    transaction sees the database. Raises BackupFailed.
    """
    target.touch(mode=0o600)
    words = ["--format=custom", f"--file={target}"]
    run("pg_dump", url, *words, *([f"--snapshot={snapshot}"] if snapshot else []))
