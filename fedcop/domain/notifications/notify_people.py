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
    """Those here who followed the old account, and by this move follow the new one."""
    brought = select(Follow.follower_id).where(
        Follow.target_id == fact.to_id, Follow.followed_at == uow.now
    )
    send(uow, uow.session.scalars(brought).all(), Reason.MOVED, fact.to_id, once=True)
