"""The partner servers: what we share with each, and how things stand between us."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import distinct, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from fedcop.db.among import among
from fedcop.db.columns import LONG_AGO
from fedcop.db.sqlite import APART
from fedcop.domain.communities.models import Audience, Community, Membership, Standing
from fedcop.domain.network.models import Attitude, Host
from fedcop.domain.network.policies import EVERYONE, Rules, load, policy_of
from fedcop.domain.people.models import Actor, Follow
from fedcop.ids import minted_at
from fedcop.outbox.missing import held_by_host, open_again
from fedcop.outbox.models import Delivery

SLOW = timedelta(minutes=15)
"""What waits for longer than this makes a partner slow."""

AT_ONCE = timedelta(minutes=1)
_LONG = {APART: True}
"""All hosts, or all that waits, are looked through: nobody else waits for that."""


class Condition(Enum):
    """How things stand with a server, from what is worst."""

    BLOCKED = "blocked"
    LEFT_OUT = "left out"
    """We speak with allowed servers only, and it is none."""
    PARKED = "parked"
    FAILING = "failing"
    SLOW = "slow"
    SENDING = "sending"
    DELIVERED = "delivered"
    QUIET = "quiet"
    """Nothing was brought there yet."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another server, as an admin reads of it."""

    host: str
    software: str | None
    version: str | None
    since: datetime
    """When we first met."""
    communities: int
    """Communities, ours and theirs, to which people of both belong."""
    last_delivery: datetime | None
    waiting: int
    oldest: datetime | None
    condition: Condition
    failing_since: datetime | None
    cause: str
    """What stood in the way last, or why it is blocked; may be empty."""
    next_try: datetime | None
    """None: within a minute, or never."""
    allowed: bool
    """Whether an admin allows it, or a domain above it, by name."""
    decided: str
    """The name of the decision that counts for it; empty: none."""
    treated_as: str | None
    """`forum` or `microblog`, once it is known."""
    treated_by_hand: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All partners in three figures."""

    partners: int
    delivered: int
    """Everything was brought to so many, or nothing was to be brought."""
    slow: int
    away: int
    blocked: int
    last_delivery: datetime | None


def partners(session: Session, now: datetime, home: str) -> list[Partner]:
    """The servers with which we share a community or a follow, for which something waits, or
    which are blocked: those in trouble first, then by name.
    """
    between = _between(session)
    known = {*between.shared, *between.waiting, *_followed(session)}
    query = select(Host).where(or_(among(Host.id, known), Host.blocked))
    return _told(session, session.scalars(query, execution_options=_LONG).all(), between, now, home)


def partner(session: Session, name: str, now: datetime, home: str) -> Partner | None:
    """One server by name, partner or not; None if we have never met it."""
    host = session.scalar(select(Host).where(Host.name == name.lower()))
    if host is None:
        return None
    return _told(session, [host], _between(session, host.id), now, home)[0]


def count_partners(session: Session) -> int:
    """How many servers we share a community or a follow with, as anybody may read it."""
    known = {*_shared(session, None), *_followed(session)}
    query = select(func.count()).select_from(Host).where(~Host.blocked)
    return session.scalar(query.where(among(Host.id, known)), execution_options=_LONG) or 0


def host_called(session: Session, name: str) -> Host | None:
    """The row of a server, whether it is a partner or not."""
    return session.scalar(select(Host).where(Host.name == name.lower()))


def overview(found: Sequence[Partner]) -> Overview:
    """What the first sentence of the page says."""
    by = [one.condition for one in found]
    refused = {Condition.BLOCKED, Condition.LEFT_OUT}
    away = {Condition.PARKED, Condition.FAILING}
    last = [one.last_delivery for one in found if one.last_delivery is not None]
    return Overview(
        partners=sum(one not in refused for one in by),
        delivered=sum(one in {Condition.DELIVERED, Condition.QUIET} for one in by),
        slow=sum(one is Condition.SLOW for one in by),
        away=sum(one in away for one in by),
        blocked=sum(one in refused for one in by),
        last_delivery=max(last, default=None),
    )


def retry(session: Session, name: str) -> bool:
    """Try this server again at once, parked or not; False if we have never met it."""
    host = host_called(session, name)
    if host is not None:
        host.parked, host.next_try_at = False, LONG_AGO
        open_again(session, host.id, datetime.now(UTC))
    return host is not None


def _told(
    session: Session,
    hosts: Sequence[Host],
    between: "_Between",
    now: datetime,
    home: str,
) -> list[Partner]:
    rules = load(session, home)
    found = [_partner(session, host, rules, between, now) for host in hosts]
    order = list(Condition)
    return sorted(found, key=lambda one: (_last(order, one), one.host))


def _last(order: Sequence[Condition], one: Partner) -> int:
    """Those in trouble, those that are well, those that are refused."""
    refused = one.condition in {Condition.BLOCKED, Condition.LEFT_OUT}
    return len(order) if refused else order.index(one.condition)


def _partner(
    session: Session, host: Host, rules: Rules, between: "_Between", now: datetime
) -> Partner:
    count, oldest = between.waiting.get(host.id, (0, None))
    decided = rules.decision(host.name)
    return Partner(
        host=host.name,
        software=host.software,
        version=host.version,
        since=minted_at(host.id),
        communities=between.shared.get(host.id, 0),
        last_delivery=host.last_success_at,
        waiting=count,
        oldest=oldest,
        condition=_condition(host, decided, oldest, now),
        failing_since=host.failing_since,
        cause=_reason(session, decided) if host.blocked else host.last_error or "",
        next_try=host.next_try_at if host.next_try_at > now + AT_ONCE else None,
        allowed=rules.attitude(host.name) is Attitude.ALLOW,
        decided="" if decided in {None, EVERYONE} else decided or "",
        treated_as=host.dialect,
        treated_by_hand=host.manner_fixed,
    )


def _condition(
    host: Host, decided: str | None, oldest: datetime | None, now: datetime
) -> Condition:
    if host.blocked:
        return Condition.LEFT_OUT if decided == EVERYONE else Condition.BLOCKED
    if host.parked:
        return Condition.PARKED
    if host.failing_since is not None:
        return Condition.FAILING
    if oldest is not None:
        return Condition.SLOW if now - oldest > SLOW else Condition.SENDING
    return Condition.QUIET if host.last_success_at is None else Condition.DELIVERED


def _reason(session: Session, decided: str | None) -> str:
    policy = policy_of(session, decided) if decided else None
    return policy.reason if policy is not None else ""


@dataclass(frozen=True, slots=True)
class _Between:
    """What there is between us and others, by the row of the host."""

    shared: Mapping[int, int]
    waiting: Mapping[int, tuple[int, datetime]]


def _between(session: Session, host_id: int | None = None) -> _Between:
    """Of all hosts, or of one."""
    return _Between(_shared(session, host_id), _waiting(session, host_id))


def _shared(session: Session, host_id: int | None) -> dict[int, int]:
    """How many communities we share, by host: ours that are read there, theirs with our people."""
    ours = select(Audience.host_id, func.count(distinct(Audience.community_id)))
    place, person = aliased(Actor), aliased(Actor)
    theirs = (
        select(place.host_id, func.count(distinct(Membership.community_id)))
        .join(Community, Community.actor_id == Membership.community_id)
        .join(place, place.id == Community.actor_id)
        .join(person, person.id == Membership.actor_id)
        .where(person.host_id.is_(None), place.host_id.is_not(None))
        .where(Membership.standing == Standing.ACTIVE)
    )
    if host_id is not None:
        ours = ours.where(Audience.host_id == host_id)
        theirs = theirs.where(place.host_id == host_id)
    found: Counter[int] = Counter()
    for at, count in session.execute(ours.group_by(Audience.host_id), execution_options=_LONG):
        found[at] += count
    for at, count in session.execute(theirs.group_by(place.host_id), execution_options=_LONG):
        found[at or 0] += count
    return found


def _waiting(session: Session, host_id: int | None) -> dict[int, tuple[int, datetime]]:
    query = select(Delivery.host_id, func.count(), func.min(Delivery.activity_id))
    if host_id is not None:
        query = query.where(Delivery.host_id == host_id)
    rows = session.execute(query.group_by(Delivery.host_id), execution_options=_LONG)
    found = {at: (count, minted_at(first)) for at, count, first in rows}
    for at, (held, oldest) in held_by_host(session).items():
        count, first = found.get(at, (0, oldest))
        found[at] = (count + held, min(first, oldest))
    return found


def _followed(session: Session) -> Iterable[int]:
    """The hosts whose people and ours follow each other."""
    ends = union(select(Follow.target_id), select(Follow.follower_id))
    there = select(Actor.host_id).where(Actor.id.in_(ends)).distinct()
    return (at for at in session.scalars(there, execution_options=_LONG) if at is not None)
