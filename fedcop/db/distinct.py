"""Every distinct value of a column, read by one step along its index for each, not for each row."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute


def each(column: InstrumentedAttribute[int], name: str) -> Select[tuple[Any]]:
    """The values of an indexed column that is never NULL; `name` is the query's, for the statement.

    Neither database skips from value to value by itself: `DISTINCT` reads the whole index.
    """
    least = select(func.min(column).label("id")).cte(name, recursive=True)
    after = select(func.min(column)).where(column > least.c.id).scalar_subquery()
    values = least.union_all(select(after).where(least.c.id.is_not(None)))
    return select(values.c.id).where(values.c.id.is_not(None))
