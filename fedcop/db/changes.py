"""How often this process has changed each table: what was made of it can be kept until then.

A change counts once its transaction has ended. Whoever keeps something notes the version before
they read: then nothing older than that is ever taken for it. What another process changes is not
seen here, so what is kept must also grow old.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import TextClause

EVERYTHING = "*"
OPTION = "touched"
TOGETHER_SECONDS = 0.25
_WRITES = re.compile(
    r"\s*(?:INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE
)
_READS = re.compile(r"\s*(?:SELECT|WITH|NOTIFY|PRAGMA|SAVEPOINT|RELEASE)\b", re.IGNORECASE)

Version = tuple[tuple[int, ...], tuple[int, ...]]
"""What somebody waited for, and what was changed behind."""


class Changes:
    """The versions of the tables, as far as this process makes them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._counts_behind: Counter[str] = Counter()
        self._behind: set[str] = set()
        self._counted_behind = float("-inf")

    def version(self, tables: Iterable[str]) -> Version:
        """Differs from an earlier one if any of these tables was changed since."""
        if self._behind:
            self._count_behind()
        return _of(self._counts, tables), _of(self._counts_behind, tables)

    def count(self, tables: Iterable[str], *, behind: bool = False) -> None:
        """A transaction that wrote these has ended, in whatever way.

        Of work `behind` there may be dozens of transactions a second; they count together.
        """
        if behind:
            self._behind.update(tables)
            self._count_behind()
        else:
            self._counts.update(tables)

    def _count_behind(self) -> None:
        now = time.monotonic()
        if self._behind and now - self._counted_behind >= TOGETHER_SECONDS:
            self._counts_behind.update(self._behind)
            self._behind.clear()
            self._counted_behind = now


def _of(counts: Counter[str], tables: Iterable[str]) -> tuple[int, ...]:
    return (counts[EVERYTHING], *(counts[table] for table in tables))


def touched(session: Session) -> set[str]:
    """Which tables this transaction has written, all that it was given included."""
    session.flush()
    found: set[str] | None = session.connection().get_execution_options().get(OPTION)
    return found or set()


def listen(engine: Engine) -> None:
    """Note, in the execution option `touched` of a connection, which tables it writes."""
    event.listen(engine, "before_execute", _note)


def _note(connection: Connection, statement: object, *_: object) -> None:
    touched: set[str] | None = connection.get_execution_options().get(OPTION)
    if touched is None:
        return
    if isinstance(statement, UpdateBase):
        touched.add(str(getattr(statement.table, "name", EVERYTHING)))
    elif isinstance(statement, TextClause):
        written = _WRITES.match(statement.text)
        if written is not None:
            touched.add(written[1].lower())
        elif _READS.match(statement.text) is None:
            touched.add(EVERYTHING)
