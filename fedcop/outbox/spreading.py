"""A thing told is one row until its turn comes; then one statement spreads it over its audience.

A host's catch-up is the same statement with that host.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Table,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from fedcop.db.among import among_named, on_postgresql
from fedcop.db.sqlite import APART
from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Host
from fedcop.domain.posts.models import KnownAt
from fedcop.ids import new_id
from fedcop.outbox.models import Delivery, Lane, Told
from fedcop.outbox.queue import KEPT

OVERLAP = timedelta(hours=1)

_ROWS, _TOLD = cast("Table", Delivery.__table__), cast("Table", Told.__table__)
_COLUMNS = ("host_id", "lane", "activity_id", "inbox_id")


def spread(session: Session, limit: int = 20) -> int:
    """A row for each inbox that has to hear the oldest things told; returns how many things.

    A parked host gets none, and neither does a blocked one. What has an audience with a host of
    which nobody knows yet how it is spoken to waits until that is known. Two workers never spread
    the same thing.
    """
    told = session.execute(_WAITING, {"most": limit}).all()
    if told:
        these = {"told": [row.id for row in told]}
        if any(row.community_id is not None for row in told):
            once = len({row.activity_id for row in told}) == len(told)
            if once and all(row.lane != Lane.CONTROL for row in told):
                _to_audience(session, these)
            else:
                _insert(session, _TO_AUDIENCE, these)
        if any(row.post_id is not None for row in told):
            _insert(session, _TO_KNOWN, these)
        session.execute(_IS_SPREAD, these)
    return len(told)


def catch_up(session: Session, host: Host, now: datetime) -> None:
    """Rows for what a host missed while it was parked, of the last 30 days."""
    away_since = (host.last_success_at or host.failing_since or now) - OVERLAP
    missed = {"host": host.id, "first": new_id(max(away_since, now - KEPT))}
    _insert(session, _MISSED_BY_AUDIENCE, missed)
    _insert(session, _MISSED_BY_KNOWN, missed)


def _to_audience(session: Session, these: Mapping[str, Any]) -> None:
    """Write what hardly anybody can have got in another way: to several communities, to people.

    To be ready for a row that is there costs PostgreSQL as much as writing it.
    """
    if not on_postgresql(session):
        _insert(session, _TO_AUDIENCE, these)
        return
    try:
        with session.begin_nested():
            session.execute(_TO_AUDIENCE.plain, these)
    except IntegrityError:
        _insert(session, _TO_AUDIENCE, these)


def _insert(session: Session, rows: "_Rows", given: Mapping[str, Any]) -> None:
    """Write those rows that are not there; `given` are the parameters of their conditions."""
    statement = rows.on_postgresql if on_postgresql(session) else rows.on_sqlite
    session.execute(statement, given, execution_options={APART: True})


class _Rows:
    """The statements that write a row for each who hears: in an audience, or where a post is known.

    A host that is blocked hears nothing. On PostgreSQL the rows of a host should stand side by
    side; SQLite finds the place of a row as fast as it would sort.
    """

    def __init__(
        self, audience: type[Audience | KnownAt], *conditions: ColumnElement[bool]
    ) -> None:
        told = (
            Told.community_id == Audience.community_id
            if audience is Audience
            else Told.post_id == KnownAt.post_id
        )
        columns = (audience.host_id, Told.lane, Told.activity_id, audience.inbox_id)
        rows = (
            select(*columns)
            .join(Told, told)
            .join(Host, Host.id == audience.host_id)
            .where(or_(Told.dialect.is_(None), Told.dialect == Host.dialect))  # most fail here
            .where(~Host.blocked, *conditions)
        )
        in_order = rows.order_by(*columns)
        on_sqlite = sqlite.insert(_ROWS).from_select(_COLUMNS, rows)
        on_postgresql = postgresql.insert(_ROWS).from_select(_COLUMNS, in_order)
        self.on_sqlite = on_sqlite.on_conflict_do_nothing()
        self.on_postgresql = on_postgresql.on_conflict_do_nothing()
        self.plain = insert(_ROWS).from_select(_COLUMNS, in_order)


def _has_strangers() -> ColumnElement[bool]:
    waits = aliased(Told)
    spoken_to = select(waits.community_id).where(~waits.spread, waits.community_id.is_not(None))
    query = select(Audience.community_id).join(Host, Host.id == Audience.host_id)
    query = query.where(Audience.community_id.in_(spoken_to))
    return Told.community_id.in_(query.where(Host.dialect.is_(None), ~Host.blocked))


def _is_known_to_strangers() -> ColumnElement[bool]:
    query = select(KnownAt.inbox_id).join(Host, Host.id == KnownAt.host_id)
    unknown = and_(Host.dialect.is_(None), ~Host.blocked)
    return exists(query.where(unknown, KnownAt.post_id == Told.post_id))


_WAITING = (
    select(Told.id, Told.activity_id, Told.lane, Told.community_id, Told.post_id)
    .where(~Told.spread, or_(Told.community_id.is_(None), ~_has_strangers()))
    .where(or_(Told.post_id.is_(None), ~_is_known_to_strangers()))
    .order_by(Told.lane, Told.activity_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_IS_SPREAD = update(_TOLD).where(among_named(_TOLD.c.id, "told")).values(spread=True)
_THESE = (among_named(Told.id, "told"), ~Host.parked)
_TO_AUDIENCE, _TO_KNOWN = (_Rows(audience, *_THESE) for audience in (Audience, KnownAt))
_FIRST = bindparam("first", type_=BigInteger)
_MISSED = (
    Told.activity_id >= _FIRST,
    Told.id >= _FIRST,  # a thing is told once it is said
    Told.spread.is_(True),
    Host.id == bindparam("host", type_=BigInteger),
)
_MISSED_BY_AUDIENCE, _MISSED_BY_KNOWN = (
    _Rows(audience, *_MISSED) for audience in (Audience, KnownAt)
)
