"""Hosts that are away: parked after a week of failures, probed daily, welcomed back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select, true, update
from sqlalchemy.orm import Session

from fedcop.db.columns import LONG_AGO
from fedcop.domain.network.models import Host
from fedcop.ids import minted_at
from fedcop.log import logger
from fedcop.outbox.health import PROBE_EVERY, SILENCE, Hearer
from fedcop.outbox.missing import all_that_waits
from fedcop.outbox.models import Told
from fedcop.outbox.queue import IS_READY, WAS_HEARD_OF, forget_older, owed, woken
from fedcop.outbox.spreading import catch_up

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for one host, as an admin reads it."""

    host: str
    software: str | None
    waiting: int
    oldest: datetime
    next_try: datetime | None
    """None: at once; a parked host is probed then."""
    parked: bool
    error: str | None


def pending(session: Session) -> list[Pending]:
    """What waits for other servers, the host with the longest queue first."""
    rows = all_that_waits()
    count, first = func.count(), func.min(rows.c.activity_id)
    query = (
        select(Host, count, first)
        .join(rows, rows.c.host_id == Host.id)
        .group_by(Host.id)
        .order_by(count.desc(), Host.name)
    )
    return [
        Pending(
            host=host.name,
            software=host.software,
            waiting=waiting,
            oldest=minted_at(oldest),
            next_try=None if host.next_try_at == LONG_AGO else host.next_try_at,
            parked=host.parked,
            error=host.last_error,
        )
        for host, waiting, oldest in session.execute(query)
    ]


def has_work(session: Session, now: datetime) -> bool:
    """Whether a delivery worker could do anything at this moment."""
    return session.scalar(_WORK, {"now": now, "silent_since": now - SILENCE}) is not None


def _work() -> Select[bool]:
    told = exists().where(~Told.spread)
    hosts = owed()
    is_free = exists().where(Host.id == hosts.c.id, IS_READY)
    ready = exists(select(hosts.c.id).where(is_free))
    back = exists().where(WAS_HEARD_OF)
    return select(true()).where(told | ready | back)


_WORK = _work()


def park(session: Session, host: Hearer, now: datetime) -> None:
    """Say so, and drop what could not be brought for a week. The rest waits for its return."""
    dropped = forget_older(session, host.id, now - SILENCE)
    _log.warning("host parked", host=host.name, dropped=dropped)


def welcome_back(session: Session, now: datetime) -> None:
    """Hosts that were parked and have been heard of since get what they missed."""
    for host in woken(session, now, SILENCE):
        catch_up(session, host, now)
        host.failing_since, host.failures = None, 0
        _log.info("host is back", host=host.name)
    session.flush()


def due(session: Session, now: datetime) -> bool:
    """Whether a parked host is to be probed."""
    away = select(Host.id).where(Host.parked, ~Host.blocked, Host.next_try_at <= now)
    return session.scalar(away.limit(1)) is not None


def claim_probes(session: Session, now: datetime, most: int = 20) -> dict[int, str]:
    """The parked hosts whose day has come: names by id. What got too old meanwhile is dropped."""
    away = select(Host).where(Host.parked, ~Host.blocked, Host.next_try_at <= now)
    query = away.order_by(Host.next_try_at)
    hosts = session.scalars(query.limit(most).with_for_update(skip_locked=True)).all()
    for host in hosts:
        host.next_try_at = now + PROBE_EVERY
        dropped = forget_older(session, host.id, now - SILENCE)
        if dropped:
            _log.warning("waited for a week", host=host.name, dropped=dropped)
    return {host.id: host.name for host in hosts}


def unpark(session: Session, hosts: Collection[int]) -> None:
    """These hosts answer again; `welcome_back` brings them up to date."""
    again = update(Host).where(Host.id.in_(hosts), Host.parked)
    session.execute(again.values(parked=False, next_try_at=LONG_AGO))
