"""What the tables of a server hold, as one hash for each: whether a request changed anything."""

import hashlib
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.tables import METADATA
from tests.fediverse import Server

KEPT = frozenset({"inbox_messages"})
"""What the inbox writes of its own: that a message came, and what became of it."""

Snapshot = dict[str, str]


async def snapshot(server: Server) -> Snapshot:
    """The name of each table with the hash of its rows, in order of the key."""
    return await server.read(_hashes)


def changed(before: Snapshot, after: Snapshot, but: Collection[str] = ()) -> set[str]:
    """The tables that hold something else now, without those named in `but`."""
    return {name for name in before if before[name] != after[name]} - set(but)


def _hashes(session: Session) -> Snapshot:
    found: Snapshot = {}
    for table in METADATA.sorted_tables:
        rows = session.execute(select(table).order_by(*table.primary_key.columns))
        digest = hashlib.sha256()
        for row in rows:
            digest.update(repr(tuple(row)).encode())
        found[table.name] = digest.hexdigest()
    return found
