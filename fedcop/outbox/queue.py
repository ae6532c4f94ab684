"""Deliveries wait in rows; what is leased is the host, so that it is spoken to in order."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    CTE,
    CursorResult,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from fedcop.db.among import among_named, on_postgresql, side_by_side
from fedcop.db.columns import LONG_AGO, UtcDateTime
from fedcop.db.distinct import each
from fedcop.db.sqlite import APART
from fedcop.domain.network.models import Host
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

_ROWS, _HOSTS = cast("Table", Delivery.__table__), cast("Table", Host.__table__)
_COLUMNS = ("host_id", "lane", "activity_id", "inbox_id")
_CHUNK = 500
_NOW = bindparam("now", type_=UtcDateTime())


class Due(NamedTuple):
    """One activity for one inbox. They sort in the order in which a host is told."""

    host_id: int
    lane: int
    activity_id: int
    inbox_id: int


IS_READY = and_(
    ~Host.parked,
    ~Host.blocked,
    Host.leased_until <= _NOW,
    Host.next_try_at <= _NOW,
    Host.dialect.is_not(None),
)
"""Hosts that could be told at the moment `now`, a parameter, what waits for them."""
WAS_HEARD_OF = and_(
    ~Host.parked,
    ~Host.blocked,
    Host.next_try_at == LONG_AGO,
    Host.failing_since <= bindparam("silent_since", type_=UtcDateTime()),
)
"""Hosts that have been silent since then, a parameter, and were heard of again. Whoever hears of a
host sets `next_try_at` back to long ago; a failure never does."""


def owed() -> CTE:
    """The ids of the hosts for which something waits, however much it is."""
    return each(Delivery.host_id, "owed")


def is_low(session: Session, now: datetime) -> bool:
    """Whether so few rows could be delivered now that more should be spread.

    What waits for a host that is stuck counts for nothing: it must not hold up the others.
    """
    given = {"now": now, "stuck_until": now + LEASE - STUCK, "enough": LOW}
    return session.execute(_MORE_THAN_LOW, given).first() is None


def _more_than_low() -> Select[int]:
    until = bindparam("stuck_until", type_=UtcDateTime())
    stuck = and_(Host.leased_until > _NOW, Host.leased_until <= until)
    hosts = owed()
    free = exists().where(
        Host.id == hosts.c.id, ~Host.parked, ~Host.blocked, Host.next_try_at <= _NOW, ~stuck
    )
    # outer, although each has some: SQLite then steps to the next host only when it needs it
    rows = select(hosts.c.id).join(Delivery, Delivery.host_id == hosts.c.id, isouter=True)
    return rows.where(free).offset(bindparam("enough")).limit(1)


_MORE_THAN_LOW = _more_than_low()


def woken(session: Session, now: datetime, silence: timedelta) -> Sequence[Host]:
    """Hosts that had been silent for so long, and were heard of since: tried "again, at once"."""
    return session.scalars(_WOKEN, {"silent_since": now - silence}).all()


_WOKEN = select(Host).where(WAS_HEARD_OF).with_for_update(skip_locked=True)


def claim(session: Session, now: datetime, *, hosts: int = 100, each: int = 50) -> list[Due]:
    """Lease up to `hosts` hosts, and read the first `each` rows of every one, in order.

    Fewer of each if there are many hosts. Those whose last turn is longest ago come first. No other
    worker gets a leased host.
    """
    leased = session.scalars(_FREE, {"now": now, "most": hosts}).all()
    if not leased:
        return []
    renew(session, leased, now)
    most = min(each, max(_FEW, MOST // len(leased)))
    return [Due(*row) for row in session.execute(_FIRST, {"hosts": leased, "most": most})]


def _free() -> Select[int]:
    some = owed()
    free = select(Host.id).join(some, some.c.id == Host.id).where(IS_READY)
    free = free.order_by(Host.leased_until, Host.id).limit(bindparam("most"))
    return free.with_for_update(of=Host, skip_locked=True)


def _first() -> Select[int, int, int, int]:
    place = func.row_number().over(
        partition_by=_ROWS.c.host_id,
        order_by=(_ROWS.c.lane, _ROWS.c.activity_id, _ROWS.c.inbox_id),
    )
    theirs = among_named(_ROWS.c.host_id, "hosts")
    rows = select(_ROWS, place.label("place")).where(theirs).subquery()
    columns = [rows.c[name] for name in _COLUMNS]
    return select(*columns).where(rows.c.place <= bindparam("most")).order_by(*columns)


_FREE, _FIRST = _free(), _first()


def renew(session: Session, hosts: Collection[int], now: datetime) -> None:
    """Lease these hosts from now on."""
    session.execute(_RENEW, {"hosts": hosts, "until": now + LEASE})


_THESE = among_named(_HOSTS.c.id, "hosts")
_RENEW = update(_HOSTS).where(_THESE).values(leased_until=bindparam("until"))


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
    session.execute(_ONE, [due._asdict() for due in brought])


def free(session: Session, hosts: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """End the lease of these hosts; the values are columns to set, the same for each.

    Hosts of which the same is to be said, and that is most of them, share one statement.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for host_id, values in hosts.items():
        alike.setdefault(tuple(sorted(values.items())), []).append(host_id)
    ended: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for values, ids in alike.items():
        given = {f"new_{name}": value for name, value in values}
        names = tuple(name for name, _ in values)
        ended.setdefault(names, []).append({"hosts": ids, "now": now, **given})
    for names, all_given in ended.items():
        session.execute(_ending(names), all_given)


@cache
def _ending(names: tuple[str, ...]) -> Update:
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(_HOSTS).where(_THESE).values(leased_until=_NOW, **changed)


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
    old = delete(Told).where(Told.id < new_id(now - KEPT), Told.spread.is_(True))
    session.execute(old, execution_options={APART: True})


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next host is to be tried, if any delivery waits; never before `now`."""
    due = session.scalar(_NEXT_DUE)
    return None if due is None else max(due, now)


def _next_due() -> Select[datetime]:
    later = case((Host.leased_until > Host.next_try_at, Host.leased_until), else_=Host.next_try_at)
    can_be = and_(~Host.parked, ~Host.blocked)
    hosts = owed()
    return select(func.min(later)).join(hosts, hosts.c.id == Host.id).where(can_be)


_NEXT_DUE = _next_due()
_ONE = delete(_ROWS).where(*(_ROWS.c[name] == bindparam(name) for name in _COLUMNS))
_UP_TO = delete(_ROWS).where(
    _ROWS.c.host_id == bindparam("host_id"),
    _ROWS.c.lane == bindparam("lane"),
    tuple_(_ROWS.c.activity_id, _ROWS.c.inbox_id)
    <= tuple_(bindparam("activity_id"), bindparam("inbox_id")),
)
_LAST = side_by_side(*_COLUMNS)
_ALL_UP_TO = delete(_ROWS).where(
    _ROWS.c.host_id == _LAST.c.host_id,
    _ROWS.c.lane == _LAST.c.lane,
    tuple_(_ROWS.c.activity_id, _ROWS.c.inbox_id) <= tuple_(_LAST.c.activity_id, _LAST.c.inbox_id),
)


def _forget_up_to(session: Session, last: Sequence[Due]) -> int:
    """Delete each lane of a host up to a row, that included; the number of rows in all."""
    if on_postgresql(session):  # where the rows of an executemany are not counted
        columns = zip(_COLUMNS, zip(*last, strict=True), strict=True)
        done = session.execute(_ALL_UP_TO, {name: list(values) for name, values in columns})
    else:
        done = session.execute(_UP_TO, [due._asdict() for due in last])
    return cast("CursorResult[Any]", done).rowcount
