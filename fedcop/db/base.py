"""The declarative base of all tables, and the names of their constraints."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from fedcop.db.columns import BigInt, UtcDateTime
from fedcop.ids import new_id

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_NOT_MAPPED = ("post_search", "actor_search")


def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares what has this name (its `include_name`).

    The tables of the search, and those that FTS5 keeps below them, have no models: each database
    has its own kind of them.
    """
    return kind != "table" or name is None or not name.startswith(_NOT_MAPPED)


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """Rows are dataclasses, so that they have their defaults when made, and not only when flushed.

    Every foreign key to a table that is written in the same unit of work needs a
    `relationship(init=False, lazy="raise")`: the flush orders tables by relationships alone.
    """

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: BigInt, datetime: UtcDateTime}


class HasId(MappedAsDataclass, kw_only=True, eq=False, repr=False):
    """A row with an id that grows with time and is known before the row is written."""

    id: Mapped[int] = mapped_column(primary_key=True, default_factory=new_id, autoincrement=False)
