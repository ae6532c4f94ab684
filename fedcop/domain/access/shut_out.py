"""Who left or is suspended does not come in any more: sessions, links and passwords end."""

from sqlalchemy import delete

from fedcop.domain.access.models import Credential, Link
from fedcop.domain.access.sessions import end_all
from fedcop.domain.people.facts import PersonLeft, PersonSuspended
from fedcop.work.unit_of_work import UnitOfWork


def shut_out_suspended(uow: UnitOfWork, fact: PersonSuspended) -> None:
    """End every session, and every link by which one could begin; the password is kept."""
    _end_ways(uow, fact.actor_id)


def shut_out_departed(uow: UnitOfWork, fact: PersonLeft) -> None:
    """End every session and link, and forget the password."""
    _end_ways(uow, fact.actor_id)
    forget_password(uow, fact.actor_id)


def forget_password(uow: UnitOfWork, account_id: int) -> None:
    """No password opens this account any more; a sign-in link does."""
    uow.session.execute(delete(Credential).where(Credential.account_id == account_id))


def _end_ways(uow: UnitOfWork, account_id: int) -> None:
    uow.write()
    end_all(uow, account_id)
    uow.session.execute(delete(Link).where(Link.account_id == account_id))
