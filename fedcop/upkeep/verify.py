"""Shows that a backup can be restored: each part whole, the database sound, the secret its own."""

import re
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fedcop.db import migrate
from fedcop.db.backup import open_sqlite
from fedcop.db.programs import BackupFailed, environment, find
from fedcop.domain.people.keys import Sealer, WrongSecret
from fedcop.errors import Conflict
from fedcop.upkeep.archive import Damaged, Manifest, Unpacked, unpacked

_COPY = re.compile(rb"COPY (?:public\.)?(\w+) \(([^)]*)\) FROM stdin;\s*")


@dataclass(slots=True)
class _Held:
    """What the copy of the database holds."""

    revision: str = ""
    rows: Counter[str] = field(default_factory=Counter[str])
    sealed: list[bytes] = field(default_factory=list[bytes])


def verify(file: Path) -> Manifest:
    """Verify a backup without touching anything else; its manifest.

    Raises Damaged with what is wrong, Conflict for one of a newer FedCoP, and BackupFailed if
    there is no pg_restore to read a PostgreSQL backup with.
    """
    with verified(file) as backup:
        return backup.manifest


@contextmanager
def verified(file: Path) -> Generator[Unpacked]:
    """A backup that has been verified, unpacked as long as this is open. Raises as `verify`."""
    with unpacked(file) as backup:
        _check(backup)
        yield backup


def _check(backup: Unpacked) -> None:
    manifest = backup.manifest
    if manifest.revision not in migrate.revisions():
        raise Conflict(
            f"This backup was made by a newer FedCoP ({manifest.program}, change "
            f"{manifest.revision}). Install that version or a later one first."
        )
    held = _sqlite(backup.database) if manifest.kind == "sqlite" else _dump(backup.database)
    if held.revision != manifest.revision:
        raise Damaged(f"Its database is at change {held.revision}, not {manifest.revision}.")
    for table, count in manifest.rows.items():
        if held.rows[table] != count:
            raise Damaged(f"Its table {table} has {held.rows[table]} rows instead of {count}.")
    if not backup.secret:
        raise Damaged("It has no secret key, without which its private keys cannot be opened.")
    sealer = Sealer(backup.secret)
    try:
        for one in held.sealed:
            sealer.unseal(one)
    except WrongSecret as error:
        raise Damaged("Its secret key does not open the private keys in its database.") from error


def _sqlite(path: Path) -> _Held:
    held = _Held()
    try:
        with closing(open_sqlite(path)) as copy:
            said = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(3)")]
            if said != ["ok"]:
                raise Damaged(f"Its database is damaged: {'; '.join(said)}")
            row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            held.revision = str(row[0]) if row else ""
            for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
                count = copy.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  its own name
                held.rows[name] = count.fetchone()[0]
            sealed = "SELECT private_sealed FROM keys WHERE private_sealed IS NOT NULL"
            held.sealed = [bytes(row[0]) for row in copy.execute(sealed)]
    except sqlite3.Error as error:
        raise Damaged(f"Its database cannot be read: {error}") from error
    return held


def _dump(path: Path) -> _Held:
    """Read all data of a dump to its end, as a restore would."""
    words = [find("pg_restore"), "--data-only", "--file=-", path]
    with subprocess.Popen(  # noqa: S603  a program found by name, on a file of ours
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None)
    ) as reading:
        if reading.stdout is None or reading.stderr is None:
            raise BackupFailed("pg_restore has no output.")
        held = read_script(reading.stdout)
        said = reading.stderr.read().decode(errors="replace").strip()
    if reading.returncode:
        raise Damaged(f"Its database cannot be read: {said}")
    return held


def read_script(lines: Iterable[bytes]) -> _Held:
    """Count the rows in the SQL of a dump, and take revision and sealed keys from it."""
    held = _Held()
    table, columns = "", list[str]()
    for line in lines:
        if not table:
            begins = _COPY.fullmatch(line)
            if begins is not None:
                table = begins[1].decode()
                columns = [name.strip().strip('"') for name in begins[2].decode().split(",")]
        elif line.rstrip(b"\r\n") == b"\\.":
            table = ""
        else:
            held.rows[table] += 1
            _take(held, table, dict(zip(columns, line.rstrip(b"\n").split(b"\t"), strict=False)))
    return held


def _take(held: _Held, table: str, row: dict[str, bytes]) -> None:
    if table == "alembic_version":
        held.revision = row.get("version_num", b"").decode()
    elif table == "keys":
        sealed = row.get("private_sealed", b"\\N")
        if sealed.startswith(b"\\\\x"):  # bytea, as COPY writes it
            held.sealed.append(bytes.fromhex(sealed[3:].decode()))
