"""What the database of a server holds, row by row, and what has changed between two moments."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Tables = dict[str, dict[tuple[Any, ...], Row]]
_DERIVED = ("post_search", "actor_search", "sqlite_")


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is new (`before` None), gone (`after` None) or another."""

    table: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        return self.after or self.before or {}

    @property
    def columns(self) -> set[str]:
        """The columns that differ; all of them for a row that came or went."""
        if self.before is None or self.after is None:
            return set(self.row)
        return {name for name, value in self.after.items() if self.before[name] != value}

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.table} +{_short(self.row)}"
        if self.after is None:
            return f"{self.table} -{_short(self.row)}"
        return f"{self.table} {_short(self.row)} changed {sorted(self.columns)}"


class Snapshot:
    """Every table that is not derived from others, with its rows by their keys."""

    def __init__(self, file: Path) -> None:
        self.tables: Tables = {}
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            db.execute("BEGIN")
            for name in _names(db):
                keys = _keys(db, name)
                rows = (dict(row) for row in db.execute(f'SELECT * FROM "{name}"'))
                self.tables[name] = {tuple(row[key] for key in keys): row for row in rows}

    def rows(self, table: str, **wanted: Any) -> list[Row]:
        """The rows of a table with these values."""
        found = self.tables.get(table, {}).values()
        return [row for row in found if all(row[name] == it for name, it in wanted.items())]

    def one(self, table: str, **wanted: Any) -> Row | None:
        """The only such row, or None."""
        found = self.rows(table, **wanted)
        return found[0] if len(found) == 1 else None

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text that is stored, with its table; bytes too, read as UTF-8."""
        for table, rows in self.tables.items():
            for row in rows.values():
                for value in row.values():
                    if isinstance(value, str):
                        yield table, value
                    elif isinstance(value, bytes):
                        yield table, value.decode("utf-8", "replace")

    def hashes(self) -> dict[str, str]:
        """One hash for each table."""
        return {
            table: sha256(repr(sorted(map(repr, rows.values()))).encode()).hexdigest()
            for table, rows in self.tables.items()
        }


def changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """The rows that came, went or changed."""
    found: list[Change] = []
    for table, rows in after.tables.items():
        old = before.tables.get(table, {})
        found += [
            Change(table, old.get(key), rows.get(key))
            for key in old.keys() | rows.keys()
            if old.get(key) != rows.get(key)
        ]
    return found


def _names(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [row[0] for row in rows if not row[0].startswith(_DERIVED)]


_known_keys: dict[str, list[str]] = {}


def _keys(db: sqlite3.Connection, table: str) -> list[str]:
    """The columns of its key, or all; every database here has the same tables."""
    if table not in _known_keys:
        columns = list(db.execute(f'PRAGMA table_info("{table}")'))
        keys = [column["name"] for column in columns if column["pk"]]
        _known_keys[table] = keys or [column["name"] for column in columns]
    return _known_keys[table]


def _short(row: Row) -> str:
    for name in ("uri", "key", "name", "title"):
        if row.get(name):
            return str(row[name])[:120]
    return str({name: row[name] for name in list(row)[:3]})
