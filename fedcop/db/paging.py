"""Keyset pages: rows newest first, before or after a row id, never by counting offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

T = TypeVar("T")
U = TypeVar("U")

MOST = 100


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which page is wanted: rows older than `before`, or the nearest newer than `after`.

    Where rows are in order of a moment that changes, `moment` says where it stood at `before`.
    """

    before: int | None = None
    after: int | None = None
    limit: int = 20
    moment: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", max(1, min(self.limit, MOST)))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows newest first; `older` and `newer` are the ids from which the next pages start."""

    items: Sequence[T]
    older: int | None = None
    newer: int | None = None
    moment: datetime | None = None
    """Where the row `older` stood, if they are in order of moments."""

    def of(self, change: Callable[[T], U]) -> "Page[U]":
        """The same page with each item changed."""
        return Page([change(item) for item in self.items], self.older, self.newer, self.moment)


def page(
    session: Session,
    query: Select[Any],
    key: InstrumentedAttribute[int] | ColumnElement[int],
    cursor: Cursor,
    key_of: Callable[[Any], int],
) -> Page[Any]:
    """One page of `query` (of single entities) along the id column `key`, which must be indexed."""
    upward = cursor.after is not None and cursor.before is None
    if cursor.before is not None:
        query = query.where(key < cursor.before)
    if cursor.after is not None:
        query = query.where(key > cursor.after)
    ordered = query.order_by(key.asc() if upward else key.desc()).limit(cursor.limit + 1)
    found = list(session.scalars(ordered))
    more = len(found) > cursor.limit
    rows = found[: cursor.limit]
    if upward:
        rows.reverse()
    if not rows:
        return Page([])
    older = key_of(rows[-1]) if (more or upward) else None
    newer = key_of(rows[0]) if (cursor.before is not None or (upward and more)) else None
    return Page(rows, older, newer)
