"""Many ids in a statement whose text stays the same, so that it is compiled and prepared once."""

from collections.abc import Collection, Iterable
from typing import Any, cast

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    String,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import NullType, TypeDecorator


def on_postgresql(session: Session) -> bool:
    """Which of the two databases this session speaks with."""
    return session.get_bind().dialect.name == "postgresql"


def among(column: ColumnElement[int] | Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """`column` is one of `ids`, of which there may be any number."""
    return _one_of(column, bindparam("ids", list(ids), type_=_Ids, unique=True))


def among_named(column: ColumnElement[int] | Any, name: str) -> ColumnElement[bool]:
    """The same, for a statement that is kept: the ids are its parameter of that name."""
    return _one_of(column, bindparam(name, type_=_Ids))


def side_by_side(*names: str) -> TableValuedAlias:
    """A table of whole numbers, on PostgreSQL: row n has the n-th of each of these parameters."""
    given = (bindparam(name, type_=ARRAY(BigInteger)) for name in names)
    return func.unnest(*given).table_valued(*names, name="given").render_derived()


class _Ids(TypeDecorator[Collection[int]]):
    """Whole numbers as one parameter: an array, or on SQLite, which has none, JSON."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(BigInteger))
        return dialect.type_descriptor(String())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else orjson.dumps(numbers).decode()


class _OneOf(FunctionElement[None]):
    """Without a type: of a boolean one SQLAlchemy asks `= 1` on SQLite, which uses no index."""

    inherit_cache = True
    type = NullType()


def _one_of(column: Any, ids: BindParameter[Any]) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", _OneOf(column, ids))


@compiles(_OneOf, "postgresql")
def _in_array(element: _OneOf, compiler: SQLCompiler, **given: Any) -> str:
    column, ids = element.clauses
    return compiler.process(column == func.any(ids), **given)


@compiles(_OneOf, "sqlite")
def _in_json(element: _OneOf, compiler: SQLCompiler, **given: Any) -> str:
    column, ids = element.clauses
    numbers = select(func.json_each(ids).table_valued("value").c.value)
    return compiler.process(column.in_(numbers), **given)
