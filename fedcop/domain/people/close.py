"""What makes a person able to sign in ends with their account."""

from sqlalchemy import delete

from fedcop.domain.people.facts import PersonLeft
from fedcop.domain.people.models import Account
from fedcop.work.unit_of_work import UnitOfWork


def close_account(uow: UnitOfWork, fact: PersonLeft) -> None:
    """Forget e-mail address, role and language. Whatever hangs on the account went before."""
    uow.write()
    uow.session.execute(delete(Account).where(Account.actor_id == fact.actor_id))
