"""Deliveries wait in rows; what is leased is the host, so that it is spoken to in order.

A thing told is one row until its turn comes; then one statement spreads it over its audience. A
host's catch-up is the same statement with that host.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    CursorResult,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from fedcop.db.among import among, on_postgresql, side_by_side
from fedcop.db.columns import LONG_AGO
from fedcop.db.distinct import each
from fedcop.db.sqlite import APART
from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Host
from fedcop.domain.posts.models import KnownAt
from fedcop.ids import new_id
from fedcop.outbox.models import Delivery, Told

LEASE = timedelta(seconds=20)
"""So soon another worker takes over the hosts of one that died; one that lives renews it."""
STUCK = timedelta(seconds=5)
"""A host whose turn has lasted so long is slow, or does not answer at all."""
LOW = 2_000
"""So many deliverable rows are enough: what was told waits as one row for longer."""
MOST = 5_000
"""So many rows are brought into memory at a time, but at least a few of each host."""
_FEW = 5
KEPT = timedelta(days=30)
"""For so long a host can be away and still be told what it missed."""
OVERLAP = timedelta(hours=1)

_ROWS, _HOSTS = cast("Table", Delivery.__table__), cast("Table", Host.__table__)
_COLUMNS = ("host_id", "lane", "activity_id", "inbox_id")
_CHUNK = 500


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One activity for one inbox. They sort in the order in which a host is told."""

    host_id: int
    lane: int
    activity_id: int
    inbox_id: int


def is_ready(now: datetime) -> ColumnElement[bool]:
    """Hosts that could be told at this moment what waits for them."""
    free = and_(~Host.parked, ~Host.blocked, Host.leased_until <= now, Host.next_try_at <= now)
    return and_(free, Host.dialect.is_not(None))


def owed() -> CTE:
    """The ids of the hosts for which something waits, however much it is."""
    return each(Delivery.host_id, "owed")


def is_low(session: Session, now: datetime) -> bool:
    """Whether so few rows could be delivered now that more should be spread.

    What waits for a host that is stuck counts for nothing: it must not hold up the others.
    """
    stuck = and_(Host.leased_until > now, Host.leased_until <= now + LEASE - STUCK)
    hosts = owed()
    free = exists().where(
        Host.id == hosts.c.id, ~Host.parked, ~Host.blocked, Host.next_try_at <= now, ~stuck
    )
    # outer, although each has some: SQLite then steps to the next host only when it needs it
    rows = select(hosts.c.id).join(Delivery, Delivery.host_id == hosts.c.id, isouter=True)
    waiting = rows.where(free)
    return session.execute(waiting.offset(LOW).limit(1)).first() is None


def spread(session: Session, limit: int = 20) -> int:
    """A row for each inbox that has to hear the oldest things told; returns how many things.

    A parked host gets none, and neither does a blocked one. What has an audience with a host of
    which nobody knows yet how it is spoken to waits until that is known. Two workers never spread
    the same thing.
    """
    waiting = (
        select(Told.id, Told.community_id, Told.post_id)
        .where(~Told.spread, or_(Told.community_id.is_(None), ~_has_strangers()))
        .where(or_(Told.post_id.is_(None), ~_is_known_to_strangers()))
        .order_by(Told.lane, Told.activity_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    told = session.execute(waiting).all()
    if told:
        these = Told.id.in_([row.id for row in told])
        if any(row.community_id is not None for row in told):
            _insert(session, Audience, these, ~Host.parked)
        if any(row.post_id is not None for row in told):
            _insert(session, KnownAt, these, ~Host.parked)
        session.execute(update(Told).where(these).values(spread=True))
    return len(told)


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


def catch_up(session: Session, host: Host, now: datetime) -> None:
    """Rows for what a host missed while it was parked, of the last 30 days."""
    away_since = (host.last_success_at or host.failing_since or now) - OVERLAP
    first = new_id(max(away_since, now - KEPT))
    missed = and_(Told.activity_id >= first, Told.id >= first)  # a thing is told once it is said
    for audience in (Audience, KnownAt):
        _insert(session, audience, missed, Told.spread.is_(True), Host.id == host.id)


def woken(session: Session, now: datetime, silence: timedelta) -> Sequence[Host]:
    """Hosts that had been silent for so long, and were heard of since: tried "again, at once"."""
    query = select(Host).where(was_heard_of(now, silence))
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def was_heard_of(now: datetime, silence: timedelta) -> ColumnElement[bool]:
    """Whoever hears of a host sets `next_try_at` back to long ago; a failure never does."""
    silent = Host.failing_since <= now - silence
    return and_(~Host.parked, ~Host.blocked, Host.next_try_at == LONG_AGO, silent)


def _insert(
    session: Session, audience: type[Audience | KnownAt], *conditions: ColumnElement[bool]
) -> None:
    """INSERT … SELECT: the audience of a community, or every host that knows a post.

    Who is in both gets one row. They go in as the table is ordered.
    """
    told = (
        Told.community_id == Audience.community_id
        if audience is Audience
        else Told.post_id == KnownAt.post_id
    )
    columns = (audience.host_id, Told.lane, Told.activity_id, audience.inbox_id)
    hearers = (
        select(*columns)
        .join(Told, told)
        .join(Host, Host.id == audience.host_id)
        .where(~Host.blocked, *conditions)
        .where(or_(Told.dialect.is_(None), Told.dialect == Host.dialect))
        .order_by(*columns)
    )
    on = postgresql if on_postgresql(session) else sqlite
    statement = on.insert(_ROWS).from_select(list(_COLUMNS), hearers)
    session.execute(statement.on_conflict_do_nothing(), execution_options={APART: True})


def claim(session: Session, now: datetime, *, hosts: int = 100, each: int = 50) -> list[Due]:
    """Lease up to `hosts` hosts, and read the first `each` rows of every one, in order.

    Fewer of each if there are many hosts. Those whose last turn is longest ago come first. No other
    worker gets a leased host.
    """
    some = owed()
    free = (
        select(Host.id)
        .join(some, some.c.id == Host.id)
        .where(is_ready(now))
        .order_by(Host.leased_until, Host.id)
        .limit(hosts)
        .with_for_update(of=Host, skip_locked=True)
    )
    leased = session.scalars(free).all()
    if not leased:
        return []
    renew(session, leased, now)
    place = func.row_number().over(
        partition_by=Delivery.host_id,
        order_by=(Delivery.lane, Delivery.activity_id, Delivery.inbox_id),
    )
    theirs = among(session, _ROWS.c.host_id, leased)
    rows = select(_ROWS, place.label("place")).where(theirs).subquery()
    columns = [rows.c[name] for name in _COLUMNS]
    most = min(each, max(_FEW, MOST // len(leased)))
    first = select(*columns).where(rows.c.place <= most).order_by(*columns)
    return [Due(*row) for row in session.execute(first)]


def renew(session: Session, hosts: Collection[int], now: datetime) -> None:
    """Lease these hosts from now on."""
    values = {"leased_until": now + LEASE}
    session.execute(update(_HOSTS).where(among(session, _HOSTS.c.id, hosts)).values(values))


def settle(session: Session, brought: Collection[Due]) -> None:
    """Forget what was brought.

    It is what was claimed, less a tail of each lane: so one range a lane forgets it. Another
    process may have committed a row into such a range meanwhile (ids commit out of order on
    PostgreSQL): the count tells, and then the rows are forgotten one by one.
    """
    if not brought:
        return
    last = list({(due.host_id, due.lane): due for due in sorted(brought)}.values())
    savepoint = session.begin_nested()
    if _forget_up_to(session, last) == len(brought):
        savepoint.commit()
        return
    savepoint.rollback()
    session.execute(
        _ONE, [{f"its_{name}": value for name, value in asdict(d).items()} for d in brought]
    )


def free(session: Session, hosts: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """End the lease of these hosts; the values are columns to set, the same for each.

    Hosts of which the same is to be said, and that is most of them, share one statement.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for host_id, values in hosts.items():
        alike.setdefault(tuple(sorted(values.items())), []).append(host_id)
    alone: list[dict[str, Any]] = []
    for values, ids in alike.items():
        if len(ids) == 1:
            alone.append({"host": ids[0], **{f"new_{name}": value for name, value in values}})
        else:
            some = update(_HOSTS).where(among(session, _HOSTS.c.id, ids))
            session.execute(some.values(leased_until=now, **dict(values)))
    if alone:
        names = [name.removeprefix("new_") for name in alone[0] if name != "host"]
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        one = update(_HOSTS).where(_HOSTS.c.id == bindparam("host"))
        session.execute(one.values(leased_until=now, **changed), alone)


def free_all(session: Session) -> None:
    """End every lease: for the start of the only worker there is.

    One that was killed held them, and it would otherwise wait for itself until they run out.
    """
    session.execute(update(_HOSTS).values(leased_until=LONG_AGO))


def forget_older(session: Session, host_id: int, before: datetime) -> int:
    """Drop what has waited for a host since before this moment; returns how many rows."""
    old = delete(_ROWS).where(_ROWS.c.host_id == host_id, _ROWS.c.activity_id < new_id(before))
    return cast("CursorResult[Any]", session.execute(old)).rowcount


def forget_all(session: Session, hosts: Collection[int]) -> None:
    """Drop whatever waits for these hosts."""
    for start in range(0, len(ids := sorted(hosts)), _CHUNK):
        some = _ROWS.c.host_id.in_(ids[start : start + _CHUNK])
        session.execute(delete(_ROWS).where(some))


def forget_told(session: Session, now: datetime) -> None:
    """Drop what was spread more than 30 days ago: nobody can be caught up with it any more."""
    session.execute(delete(Told).where(Told.id < new_id(now - KEPT), Told.spread.is_(True)))


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next host is to be tried, if any delivery waits; never before `now`."""
    later = case((Host.leased_until > Host.next_try_at, Host.leased_until), else_=Host.next_try_at)
    can_be = and_(~Host.parked, ~Host.blocked)
    hosts = owed()
    query = select(func.min(later)).join(hosts, hosts.c.id == Host.id).where(can_be)
    due = session.scalar(query)
    return None if due is None else max(due, now)


_ONE = delete(_ROWS).where(*(_ROWS.c[name] == bindparam(f"its_{name}") for name in _COLUMNS))
_UP_TO = delete(_ROWS).where(
    _ROWS.c.host_id == bindparam("host"),
    _ROWS.c.lane == bindparam("in_lane"),
    tuple_(_ROWS.c.activity_id, _ROWS.c.inbox_id)
    <= tuple_(bindparam("activity"), bindparam("inbox")),
)


def _forget_up_to(session: Session, last: Sequence[Due]) -> int:
    """Delete each lane of a host up to a row, that included; the number of rows in all."""
    if not on_postgresql(session):
        given = [
            {"host": d.host_id, "in_lane": d.lane, "activity": d.activity_id, "inbox": d.inbox_id}
            for d in last
        ]
        return cast("CursorResult[Any]", session.execute(_UP_TO, given)).rowcount
    # asyncpg counts no rows of an executemany
    ends = side_by_side(
        host=[due.host_id for due in last],
        lane=[due.lane for due in last],
        activity=[due.activity_id for due in last],
        inbox=[due.inbox_id for due in last],
    )
    statement = delete(_ROWS).where(
        _ROWS.c.host_id == ends.c.host,
        _ROWS.c.lane == ends.c.lane,
        tuple_(_ROWS.c.activity_id, _ROWS.c.inbox_id) <= tuple_(ends.c.activity, ends.c.inbox),
    )
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
