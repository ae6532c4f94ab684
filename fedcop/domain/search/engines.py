"""How each database is asked for words: SQLite by FTS5, PostgreSQL by tsvector."""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, String, cast, func, literal, literal_column, select, table
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select
from sqlalchemy.sql.expression import TableClause

from fedcop.db.columns import BigInt
from fedcop.domain.search.query import (
    Asked,
    as_fts5,
    as_tsquery,
    unwanted_as_fts5,
    unwanted_as_tsquery,
)

POSTS, ACTORS = "post_search", "actor_search"


class Engine(Protocol):
    """One table of the index; its rows have the ids of what they stand for."""

    rows: TableClause
    id: ColumnElement[int]

    def matches(self, asked: Asked) -> ColumnElement[bool]:
        """Whether a row has all words that are wanted (there are some), and none that is not."""
        ...

    def rank(self, asked: Asked) -> ColumnElement[float]:
        """How well a row of `matches` fits: the lower, the better."""
        ...

    def unwanted(self, asked: Asked) -> Select[int]:
        """The ids of what has a word that is not wanted (there are some)."""
        ...


@dataclass(slots=True)
class _Fts5:
    """Source: SQLite's documentation of FTS5, sections 3 and 5."""

    rows: TableClause
    id: ColumnElement[int]

    def matches(self, asked: Asked) -> ColumnElement[bool]:
        return self._match(as_fts5(asked))

    def rank(self, asked: Asked) -> ColumnElement[float]:
        return literal_column(f"bm25({self.rows.name}, 5.0, 1.0)")

    def unwanted(self, asked: Asked) -> Select[int]:
        return select(self.id).where(self._match(unwanted_as_fts5(asked)))

    def _match(self, words: str) -> ColumnElement[bool]:
        return literal_column(self.rows.name, String()).op("MATCH", is_comparison=True)(words)


@dataclass(slots=True)
class _Tsvector:
    """Source: PostgreSQL's documentation, sections 8.11 and 12.3."""

    rows: TableClause
    id: ColumnElement[int]

    def matches(self, asked: Asked) -> ColumnElement[bool]:
        return self._match(as_tsquery(asked))

    def rank(self, asked: Asked) -> ColumnElement[float]:
        return -func.ts_rank(self.rows.c.words, _tsquery(as_tsquery(asked)))

    def unwanted(self, asked: Asked) -> Select[int]:
        return select(self.id).where(self._match(unwanted_as_tsquery(asked)))

    def _match(self, words: str) -> ColumnElement[bool]:
        return self.rows.c.words.op("@@", is_comparison=True)(_tsquery(words))


def _tsquery(words: str) -> ColumnElement[Any]:
    return cast(literal(words, String()), TSQUERY())


def engine(session: Session, name: str) -> Engine:
    """The table of this name (POSTS, ACTORS) in the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        rows = table(name, named("rowid", BigInt))
        return _Fts5(rows, rows.c.rowid)
    rows = table(name, named("id", BigInt), named("words"))
    return _Tsvector(rows, rows.c.id)
