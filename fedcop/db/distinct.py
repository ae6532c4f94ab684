"""Every distinct value of a column, read by one step along its index for each, not for each row."""

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import InstrumentedAttribute


def each(column: InstrumentedAttribute[int], name: str) -> CTE:
    """The values of an indexed column as `id`, to be joined; `name` is the query's own.

    Neither database skips from value to value by itself: `DISTINCT` reads the whole index. The last
    row is NULL, which joins and IN pass over.
    """
    least = select(func.min(column).label("id")).cte(name, recursive=True)
    after = select(func.min(column)).where(column > least.c.id)
    return least.union_all(select(after.scalar_subquery()).where(least.c.id.is_not(None)))
