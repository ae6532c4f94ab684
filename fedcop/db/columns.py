"""Column types: whole numbers of 64 bits, moments in UTC."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for "never yet" in columns that are compared with now."""

BigInt = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC. A naive one is refused with ValueError.

    SQLite drops the zone in silence and asyncpg refuses an aware time for a naive column, so both
    are told the same.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        return value.astimezone(UTC) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """One call for each value, and next to nothing for none: most moments are not set."""
        if dialect.driver == "asyncpg":  # which answers in UTC
            return None
        read = self.impl_instance.result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            if value is None:
                return None
            at: Any = value if read is None else read(value)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

        return process
