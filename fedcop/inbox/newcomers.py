"""How many strangers of one domain are met in a while: another name costs its owner nothing.

Source: security.md, section 4; Mastodon refuses an eleventh new subdomain of a day likewise.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.app import App
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.errors import TooMany
from fedcop.inbox.rates import Rates
from fedcop.inbox.remembered import Remembered
from fedcop.net.urls import host_of, without_fragment

ACTORS_AN_HOUR, HOSTS_A_DAY = 60, 10
_HOUR, _DAY = 3_600, 86_400
_MOST_COUNTED = 20_000
# Under two letters of a country these are no domain of anybody's: example.co.uk, example.or.at.
_OPEN = frozenset({"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class _Known:
    actor: bool
    host: bool


class Newcomers:
    """Counts signers that were not known here before, once their signature has proved them.

    What only claims to come from a domain does not use up what the domain may do.
    """

    def __init__(self, app: App, *, actors: int = ACTORS_AN_HOUR, hosts: int = HOSTS_A_DAY) -> None:
        self._app = app
        self._actors = Rates(actors, _HOUR)
        self._hosts = Rates(hosts, _DAY)
        self._counted = Remembered[bool](_MOST_COUNTED, _DAY)

    async def check(self, key_id: str) -> None:
        """Raise TooMany where the owner of this key, if unknown, would not be met now."""
        uri = without_fragment(key_id)
        domain = registrable(host_of(uri))
        if not (self._actors.is_spent(domain) or self._hosts.is_spent(domain)):
            return
        known = await self._app.read(partial(_known, uri=uri))
        if not known.actor and self._actors.is_spent(domain):
            raise _too_many(domain)
        if not known.host and self._hosts.is_spent(domain):
            raise _too_many(domain)

    async def admit(self, uri: str) -> None:
        """Count an actor that has proved itself, if it is new. Raises TooMany for one too many."""
        known = await self._app.read(partial(_known, uri=uri))
        domain = registrable(host_of(uri))
        for is_known, name, rates in (
            (known.host, host_of(uri), self._hosts),
            (known.actor, uri, self._actors),
        ):
            if is_known or name in self._counted:  # it says a hundred things at once
                continue
            if not rates.take(domain):
                raise _too_many(domain)
            self._counted[name] = True


def registrable(host: str) -> str:
    """The part of a host's name that somebody had to register, nearly: its last labels.

    Without the list of public suffixes: where strangers share a name (`*.github.io`), they share
    what it may do.
    """
    labels = host.partition(":")[0].split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _OPEN
    return ".".join(labels[-3:] if shared else labels[-2:])


def _known(session: Session, uri: str) -> _Known:
    actor = session.scalar(select(Actor.id).where(Actor.uri == uri))
    host = session.scalar(select(Host.id).where(Host.name == host_of(uri)))
    return _Known(actor=actor is not None, host=host is not None)


def _too_many(domain: str) -> TooMany:
    return TooMany(f"Too many of {domain} are new here; try again later.", _HOUR)
