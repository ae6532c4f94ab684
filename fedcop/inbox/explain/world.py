"""A unit of work without a database, in which nobody is known but who is imagined."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.uris import Uris
from fedcop.work.facts import Fact
from fedcop.work.unit_of_work import UnitOfWork

_NOWHERE = Uris("fedcop.invalid")


def imagined(strangers: Iterable[str], communities: Iterable[str] = ()) -> UnitOfWork:
    """A unit in which these communities, which live elsewhere, are known, and strangers are not.

    So the inbox's own rules can be asked about a document. Looking up anybody else raises: the
    session has no database.
    """
    uow = UnitOfWork(Session(), _deaf, _NOWHERE)
    uow.gathered(Actor, strangers)
    for number, uri in enumerate(communities, 1):
        uow.know(Actor(id=number, uri=uri, type="Group", name="", host_id=number))
        uow.remember(number, Community(actor_id=number, local=False, founded_at=uow.now))
    return uow


def _deaf(uow: UnitOfWork, fact: Fact) -> None:
    """Nobody answers: nothing happens here."""
