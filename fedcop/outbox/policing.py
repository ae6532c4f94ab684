"""What an admin decides about other servers, with all that follows: rows, queues, the log."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session, aliased

from fedcop.domain.communities.models import Audience, Membership, Standing
from fedcop.domain.moderation.log import write
from fedcop.domain.network import policies
from fedcop.domain.network.lists import Entry
from fedcop.domain.network.models import Attitude, Host
from fedcop.domain.network.policies import EVERYONE, Rules
from fedcop.domain.people.models import Actor, Follow
from fedcop.outbox.missing import all_that_waits, forget_hosts
from fedcop.outbox.queue import forget_all
from fedcop.work.unit_of_work import UnitOfWork

COMMAND_LINE = "command line"
BLOCKED, ALLOWED = "blocked host", "allowed host"
FORGOTTEN = "took back the decision on a host"
PARTNERS_ONLY, OPEN = "limited to partner servers", "opened to every server"


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a decision would cut off, before it is made."""

    hosts: tuple[str, ...]
    """Servers that we know and would no longer speak with, by name."""
    ours: int
    """People here who belong to communities there, or follow somebody there."""
    theirs: int
    """People there who belong to communities here."""
    communities: int
    """Communities of ours that are read there."""
    waiting: int
    """What waits to go there, and would be dropped."""


def preview_block(session: Session, name: str, home: str) -> Preview:
    """What blocking this host would cut off. Raises Invalid for what is no host's name."""
    wanted = policies.canonical(name)
    rules = policies.load(session, home)
    after = Rules(rules.home, {**rules.decided, wanted: Attitude.BLOCK})
    return _cut_off(session, rules, after)


def preview_partners_only(session: Session, home: str) -> Preview:
    """What speaking with allowed servers only would cut off."""
    rules = policies.load(session, home)
    after = Rules(rules.home, {**rules.decided, EVERYONE: Attitude.BLOCK})
    return _cut_off(session, rules, after)


def block(uow: UnitOfWork, name: str, *, reason: str = "", by: Actor | None = None) -> str:
    """Speak no more with a host and all below it; its canonical name.

    What waits to go there is dropped, what it has said is hidden, nothing is deleted. `by` is None
    for the command line. Raises Invalid as `policies.decide`.
    """
    policy = policies.decide(uow, name, Attitude.BLOCK, reason=reason, by=_name(by))
    return _done(uow, BLOCKED, policy.name, policy.reason, by)


def allow(uow: UnitOfWork, name: str, *, reason: str = "", by: Actor | None = None) -> str:
    """Speak with a host and all below it, whatever else is decided; its canonical name."""
    policy = policies.decide(uow, name, Attitude.ALLOW, reason=reason, by=_name(by))
    return _done(uow, ALLOWED, policy.name, policy.reason, by)


def forget(uow: UnitOfWork, name: str, *, by: Actor | None = None) -> str | None:
    """Take back the decision on exactly this name: unblock it, or no longer name it a partner.

    None if there was no decision. Everything that was hidden is shown again.
    """
    wanted = policies.canonical(name)
    return _done(uow, FORGOTTEN, wanted, "", by) if policies.take_back(uow, wanted) else None


def take_over(uow: UnitOfWork, entries: Iterable[Entry], by: Actor | None = None) -> int:
    """Decide as a list says, all at once; how many decisions that were. Our own host is left out.

    The log has one line for each.
    """
    count = 0
    for entry in entries:
        if entry.name == uow.uris.host.partition(":")[0]:
            continue
        policies.decide(uow, entry.name, entry.attitude, reason=entry.reason, by=_name(by))
        deed = BLOCKED if entry.attitude is Attitude.BLOCK else ALLOWED
        write(uow, deed, by_id=by.id if by else None, subject=entry.name, reason=entry.reason)
        count += 1
    _drop(uow.session, policies.mark_hosts(uow))
    return count


def limit_to_partners(uow: UnitOfWork, *, on: bool, by: Actor | None = None) -> None:
    """Speak with allowed servers only, or with all that are not blocked."""
    if policies.set_partners_only(uow, on=on, by=_name(by)):
        _done(uow, PARTNERS_ONLY if on else OPEN, "", "", by)


def _done(uow: UnitOfWork, deed: str, name: str, reason: str, by: Actor | None) -> str:
    _drop(uow.session, policies.mark_hosts(uow))
    write(uow, deed, by_id=by.id if by else None, subject=name, reason=reason)
    return name


def _drop(session: Session, hosts: Collection[int]) -> None:
    """Whatever waits for these, or is held back for them."""
    forget_all(session, hosts)
    forget_hosts(session, hosts)


def _name(by: Actor | None) -> str:
    return COMMAND_LINE if by is None else by.name


def _cut_off(session: Session, before: Rules, after: Rules) -> Preview:
    known = session.execute(select(Host.id, Host.name).order_by(Host.name)).all()
    lost = [h for h in known if after.refuses(h.name) and not before.refuses(h.name)]
    ids = [host.id for host in lost]
    return Preview(
        hosts=tuple(host.name for host in lost),
        ours=len(_ours(session, ids)),
        theirs=_count(session, ids, _theirs),
        communities=len(_communities(session, ids)),
        waiting=_count(session, ids, _waiting),
    )


_CHUNK = 500


def _count(
    session: Session, ids: list[int], count: Callable[[Session, Collection[int]], int]
) -> int:
    chunks = range(0, len(ids), _CHUNK)
    return sum(count(session, ids[start : start + _CHUNK]) for start in chunks)


def _ours(session: Session, ids: list[int]) -> set[int]:
    """People here who would lose somebody there."""
    person, there = aliased(Actor), aliased(Actor)
    belongs = (
        select(person.id)
        .join(Membership, Membership.actor_id == person.id)
        .join(there, there.id == Membership.community_id)
        .where(person.host_id.is_(None), Membership.standing == Standing.ACTIVE)
    )
    follows = (
        select(person.id)
        .join(Follow, Follow.follower_id == person.id)
        .join(there, there.id == Follow.target_id)
        .where(person.host_id.is_(None))
    )
    found: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        some = there.host_id.in_(ids[start : start + _CHUNK])
        found.update(session.scalars(belongs.where(some)))
        found.update(session.scalars(follows.where(some)))
    return found


def _theirs(session: Session, ids: Collection[int]) -> int:
    """People there who belong to a community here."""
    person, place = aliased(Actor), aliased(Actor)
    query = (
        select(func.count(distinct(person.id)))
        .select_from(Membership)
        .join(person, person.id == Membership.actor_id)
        .join(place, place.id == Membership.community_id)
        .where(person.host_id.in_(ids), place.host_id.is_(None))
        .where(Membership.standing == Standing.ACTIVE)
    )
    return session.scalar(query) or 0


def _communities(session: Session, ids: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        some = Audience.host_id.in_(ids[start : start + _CHUNK])
        found.update(session.scalars(select(Audience.community_id).where(some)))
    return found


def _waiting(session: Session, ids: Collection[int]) -> int:
    rows = all_that_waits()
    query = select(func.count()).select_from(rows).where(rows.c.host_id.in_(ids))
    return session.scalar(query) or 0
