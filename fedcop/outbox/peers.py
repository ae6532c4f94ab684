"""What software other hosts run, and so in which way they are spoken to: asked, and kept fresh."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, or_, select, union, update
from sqlalchemy.orm import Session

from fedcop.activitypub.nodeinfo import Software
from fedcop.db.distinct import each
from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import KnownAt
from fedcop.errors import FedcopError, Unreachable
from fedcop.log import logger
from fedcop.outbox.dialects import Manner, fallback, of_software
from fedcop.outbox.models import Told
from fedcop.outbox.queue import owed

_log = logger(__name__)

PATIENCE = 10.0
"""Seconds for which the first delivery to a host waits for its NodeInfo."""
FRESH = timedelta(days=1)
FRESH_IF_UNKNOWN = timedelta(hours=1)

Ask = Callable[[str], Awaitable[Software | None]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a host said that it runs (None: nothing readable), and whether it answered at all."""

    software: Software | None
    reachable: bool


def strangers(session: Session, most: int = 100) -> dict[int, str]:
    """Hosts that have something to hear and of which nobody knows how: names by id."""
    return dict(session.execute(_STRANGERS, {"most": most}).all())


def _strangers() -> Select[int, str]:
    audiences = select(Told.community_id).where(~Told.spread, Told.community_id.is_not(None))
    needed = union(
        select(Audience.host_id).where(Audience.community_id.in_(audiences)),
        select(owed().c.id),
        select(KnownAt.host_id).join(Told, Told.post_id == KnownAt.post_id).where(~Told.spread),
    )
    query = select(Host.id, Host.name).where(Host.id.in_(needed))
    return query.where(Host.dialect.is_(None), ~Host.blocked).limit(bindparam("most"))


_STRANGERS = _strangers()


def grown_old(session: Session, now: datetime, most: int = 20) -> dict[int, str]:
    """Hosts of an audience whose software was last asked for a day ago (an hour, if unknown), or of
    which nobody knows yet how they are spoken to.
    """
    old = or_(
        Host.dialect.is_(None),
        Host.asked_at < now - FRESH,
        Host.software.is_(None) & (Host.asked_at < now - FRESH_IF_UNKNOWN),
    )
    query = (
        select(Host.id, Host.name)
        .where(
            ~Host.parked,
            ~Host.blocked,
            old,
            Host.id.in_(select(each(Audience.host_id, "heard").c.id)),
        )
        .order_by(Host.asked_at)
        .limit(most)
    )
    return dict(session.execute(query).all())


def ask_again(session: Session, hosts: Collection[int], now: datetime) -> None:
    """Let these be asked for their software at the next tidying, at most once an hour."""
    if hosts:
        lately = and_(Host.asked_at > now - FRESH, Host.asked_at <= now - FRESH_IF_UNKNOWN)
        stale = update(Host).where(Host.id.in_(hosts), lately)
        session.execute(stale.values(asked_at=now - FRESH - timedelta(seconds=1)))


async def ask_all(ask: Ask, hosts: Mapping[int, str]) -> dict[int, Heard]:
    """Ask all of these hosts at once; whoever takes longer than 10 s has not answered."""

    async def one(name: str) -> Heard:
        try:
            async with asyncio.timeout(PATIENCE):
                return Heard(await ask(name), reachable=True)
        except (TimeoutError, Unreachable):
            return Heard(None, reachable=False)
        except FedcopError as error:
            _log.info("no readable nodeinfo", host=name, error=str(error))
            return Heard(None, reachable=True)

    answers = await asyncio.gather(*(one(name) for name in hosts.values()))
    return dict(zip(hosts, answers, strict=True))


def note_down(session: Session, heard: Mapping[int, Heard], now: datetime) -> None:
    """Keep what was heard. A host that says nothing stays what it was, or is guessed at; what an
    admin has said about it stands above both.
    """
    for host in _locked(session, heard.keys()):
        host.asked_at = now
        software = heard[host.id].software
        if software is not None:
            changed = host.software != software.name and not host.manner_fixed
            if changed or host.dialect is None:
                _speak(host, of_software(software.name))
            host.software, host.version = software.name, software.version
        elif host.dialect is None:
            _speak(host, fallback(_listener(session, host)))


def treat(session: Session, host: Host, manner: Manner | None) -> None:
    """Speak to this host in this way, whatever it says that it runs; None: as it says again."""
    host.manner_fixed = manner is not None
    if manner is None:
        known = host.software
        manner = of_software(known) if known is not None else fallback(_listener(session, host))
    _speak(host, manner)


def _locked(session: Session, ids: Collection[int]) -> Sequence[Host]:
    query = select(Host).where(Host.id.in_(ids)).order_by(Host.id).with_for_update()
    return session.scalars(query).all()


def _speak(host: Host, manner: Manner) -> None:
    host.dialect, host.view = manner.dialect, manner.view


def _listener(session: Session, host: Host) -> str | None:
    """`Group` if we know a community there: a Person's software has none."""
    query = select(Actor.type).where(Actor.host_id == host.id, Actor.type == "Group").limit(1)
    return session.scalar(query)
