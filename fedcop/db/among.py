"""Many ids in a statement whose text stays the same, so that it is compiled and prepared once."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TableValuedAlias


def on_postgresql(session: Session) -> bool:
    """Which of the two databases this session speaks with."""
    return session.get_bind().dialect.name == "postgresql"


def among(session: Session, column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """`column` is one of `ids`, of which there may be any number."""
    numbers = list(ids)
    if on_postgresql(session):
        return column == func.any(bindparam("ids", numbers, type_=ARRAY(BigInteger), unique=True))
    text = bindparam("ids", orjson.dumps(numbers).decode(), type_=String, unique=True)
    return column.in_(select(func.json_each(text).table_valued("value").c.value))


def side_by_side(**columns: Sequence[int]) -> TableValuedAlias:
    """A table of whole numbers, on PostgreSQL: row n has the n-th of each of these."""
    given = (bindparam(None, list(all_), type_=ARRAY(BigInteger)) for all_ in columns.values())
    return func.unnest(*given).table_valued(*columns, name="given").render_derived()
