"""What admins have decided about other servers: whom we speak with, and whom not.

A decision about a name stands for everything below it, and the most exact one counts. The name `*`
stands for every host: to block it means to speak with allowed hosts only.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import idna
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fedcop.db.columns import LONG_AGO
from fedcop.domain.network.models import Attitude, Host, HostPolicy
from fedcop.errors import Invalid, Sentence
from fedcop.work.unit_of_work import UnitOfWork

EVERYONE = "*"
LONGEST_REASON = 500
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_PLAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_IN_URL = re.compile(r"[/?#\\]")
_PORT = re.compile(r":[0-9]*\Z")
_CHUNK = 500
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rules:
    """Every decision at one moment. `home` is our own host, which is never refused."""

    home: str
    decided: Mapping[str, Attitude]
    _refused: dict[str, bool] = field(default_factory=dict[str, bool], compare=False, repr=False)
    """The hosts that were asked about: the same few come again and again."""

    @property
    def partners_only(self) -> bool:
        """Whether we speak with allowed hosts only."""
        return self.decided.get(EVERYONE) is Attitude.BLOCK

    def decision(self, host: str) -> str | None:
        """The name of the decision that counts for a host: its own, or of a domain above it.

        `*`, if only that one does; None for what is no host, and where nothing was decided.
        """
        name = _bare(host)
        if name is None:
            return None
        return next((above for above in _upwards(name) if above in self.decided), None)

    def attitude(self, host: str) -> Attitude | None:
        """What was decided about a host or a domain above it; None: nothing."""
        name = self.decision(host)
        return None if name is None or name == EVERYONE else self.decided[name]

    def refuses(self, host: str) -> bool:
        """Whether we do not speak with this host; what is no host at all is refused."""
        known = self._refused.get(host)
        if known is None:
            known = self._find(host)
            if len(self._refused) < _MOST_REMEMBERED:
                self._refused[host] = known
        return known

    def _find(self, host: str) -> bool:
        name = _bare(host)
        if name is None:
            return True
        if name == self.home or not self.decided:
            return False
        found = next((above for above in _upwards(name) if above in self.decided), None)
        return found is not None and self.decided[found] is Attitude.BLOCK


NO_RULES = Rules("", {})


def canonical(name: str) -> str:
    """The one spelling of a host that somebody typed, pasted, or imported.

    Lower case, Punycode (full-width letters and dots mapped as UTS 46 does), without dot at the
    end, port, path, or `user@` before it; an address stays one, IPv6 in brackets. `*.` before a
    name says what holds anyway. Raises Invalid (field `name`) for what is no host's full name.
    """
    text = name.strip()
    _, scheme, rest = text.partition("://")
    text = _IN_URL.split(rest if scheme else text, maxsplit=1)[0].rpartition("@")[2]
    address = _address(text)
    if address is not None:
        return address
    host = _ascii(_PORT.sub("", text)).lower()
    host = host.removeprefix("*").removeprefix(".").removesuffix(".")
    is_number = _NUMBER.fullmatch(host.rpartition(".")[2]) is not None
    if not _NAME.fullmatch(host) or is_number or ("." not in host and host != "localhost"):
        raise Invalid(
            fields={"name": Sentence("Write the full name of a server, such as example.org.")}
        )
    return host


def load(session: Session, home: str) -> Rules:
    """Every decision, for the server `home`."""
    rows = session.execute(select(HostPolicy.name, HostPolicy.attitude))
    return Rules(_bare(home) or home, {row.name: Attitude(row.attitude) for row in rows})


def attitude(session: Session, host_name: str) -> Attitude | None:
    """What was decided about this host or a domain above it; None: nothing."""
    return _rules_about(session, host_name).attitude(host_name)


def is_refused(session: Session, host_name: str) -> bool:
    """Whether we do not speak with this host (ours is the caller's to know)."""
    return _rules_about(session, host_name).refuses(host_name)


def standing(session: Session) -> Sequence[HostPolicy]:
    """Every decision about a name, in order of the names."""
    query = select(HostPolicy).where(HostPolicy.name != EVERYONE).order_by(HostPolicy.name)
    return session.scalars(query).all()


def policy_of(session: Session, name: str) -> HostPolicy | None:
    """The decision about exactly this name (canonical, or `*`)."""
    return session.scalar(select(HostPolicy).where(HostPolicy.name == name))


def decide(
    uow: UnitOfWork, name: str, attitude: Attitude, *, reason: str = "", by: str = ""
) -> HostPolicy:
    """Allow or block a host and all below it; deciding anew replaces what stood.

    `by` is the name of an admin, or `command line`. Raises Invalid (fields `name`, `reason`) for
    what is no host, for our own, and for a reason of more than 500 characters.
    """
    wanted = check(name, reason, uow.uris.host)
    return _put(uow, wanted, attitude, reason.strip(), by)


def check(name: str, reason: str, home: str) -> str:
    """The canonical name, if it can be decided about on the server `home`. Raises Invalid."""
    wanted = canonical(name)
    if wanted == _bare(home):
        raise Invalid(fields={"name": Sentence("This is your own server.")})
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            fields={"reason": Sentence("At most {most} characters.", most=LONGEST_REASON)}
        )
    return wanted


def take_back(uow: UnitOfWork, name: str) -> bool:
    """Undo a decision: what was decided above it counts again. False if there was none."""
    return _remove(uow, canonical(name))


def set_partners_only(uow: UnitOfWork, *, on: bool, by: str = "") -> bool:
    """Speak with allowed hosts only, or with everyone who is not blocked; False if it is so."""
    is_on = policy_of(uow.session, EVERYONE) is not None
    if on and not is_on:
        _put(uow, EVERYONE, Attitude.BLOCK, "", by)
    elif is_on and not on:
        _remove(uow, EVERYONE)
    return is_on != on


def mark_hosts(uow: UnitOfWork) -> list[int]:
    """Let the hosts that we know say whether they are refused; the ids of those changed.

    One that is welcome again is tried at once: how it answered before is long ago.
    """
    uow.write()
    rules = load(uow.session, uow.uris.host)
    hosts = uow.session.execute(select(Host.id, Host.name, Host.blocked)).all()
    turned = {True: list[int](), False: list[int]()}
    for host in hosts:
        refused = rules.refuses(host.name)
        if refused != host.blocked:
            turned[refused].append(host.id)
    for blocked, ids in turned.items():
        for start in range(0, len(ids), _CHUNK):
            some = Host.id.in_(ids[start : start + _CHUNK])
            again = {} if blocked else {"next_try_at": LONG_AGO, "failing_since": None}
            uow.session.execute(update(Host).where(some).values(blocked=blocked, **again))
    return turned[True] + turned[False]


def _put(uow: UnitOfWork, name: str, attitude: Attitude, reason: str, by: str) -> HostPolicy:
    policy = policy_of(uow.session, name)
    if policy is None:
        policy = HostPolicy(name=name, attitude=attitude, decided_at=uow.now)
        uow.add(policy)
    policy.attitude, policy.decided_at = attitude, uow.now
    policy.reason, policy.decided_by = reason, by
    return policy


def _remove(uow: UnitOfWork, name: str) -> bool:
    policy = policy_of(uow.session, name)
    if policy is not None:
        uow.session.delete(policy)
    return policy is not None


def _rules_about(session: Session, host_name: str) -> Rules:
    name = _bare(host_name)
    if name is None:
        return Rules("", {})
    query = select(HostPolicy.name, HostPolicy.attitude)
    rows = session.execute(query.where(HostPolicy.name.in_(list(_upwards(name)))))
    return Rules("", {row.name: Attitude(row.attitude) for row in rows})


def _bare(host: str) -> str | None:
    """A host of a URL without its port; None for what is none."""
    plain = _PORT.sub("", host)
    if _PLAIN.fullmatch(plain):
        return plain
    try:
        return canonical(host)
    except Invalid:
        return None


def _upwards(name: str) -> Iterator[str]:
    """The name, the domains above it, and `*`. An address has nothing above it."""
    yield name
    if not name.startswith("[") and not _NUMBER.fullmatch(name.rpartition(".")[2]):
        while "." in name:
            name = name.partition(".")[2]
            yield name
    yield EVERYONE


def _address(text: str) -> str | None:
    inside = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]*)?", text)
    try:
        if inside or text.count(":") > 1:
            return f"[{IPv6Address(inside[1] if inside else text)}]"
        return str(IPv4Address(_PORT.sub("", text)))
    except ValueError:
        return None


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        return mapped if mapped.isascii() else idna.encode(mapped.rstrip(".")).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""
