"""What happens between people, and whom it concerns."""

from sqlalchemy import select

from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.notifications.send import send
from fedcop.domain.people.facts import Followed, PersonMoved
from fedcop.domain.people.models import Follow
from fedcop.work.unit_of_work import UnitOfWork


def notify_followed(uow: UnitOfWork, fact: Followed) -> None:
    """A person here whom somebody follows, once while it is unread, however often they do."""
    if not fact.again:
        send(uow, [fact.target_id], Reason.FOLLOWED, fact.follower_id, once=True)


def notify_moved(uow: UnitOfWork, fact: PersonMoved) -> None:
    """Those here who follow somebody that has another account now."""
    followers = select(Follow.follower_id).where(Follow.target_id == fact.actor_id)
    people = [one for one in uow.session.scalars(followers) if one != fact.to_id]
    send(uow, people, Reason.MOVED, fact.to_id, once=True)
