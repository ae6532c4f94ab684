"""Notifications and mutes of a person end with their account."""

from sqlalchemy import delete

from fedcop.domain.notifications.models import Mute, Notification
from fedcop.domain.people.facts import PersonLeft
from fedcop.work.unit_of_work import UnitOfWork


def forget_notices(uow: UnitOfWork, fact: PersonLeft) -> None:
    """Delete what waited for them, and what they did not want to hear of."""
    uow.write()
    for table in (Notification, Mute):
        uow.session.execute(delete(table).where(table.account_id == fact.actor_id))
