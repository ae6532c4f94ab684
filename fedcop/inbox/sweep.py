"""Forget what given-up messages said; their keys stay, so that a second delivery is known."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fedcop.ids import new_id
from fedcop.inbox.models import InboxMessage
from fedcop.work.queue import GIVE_UP_AFTER
from fedcop.work.schedule import AT_ONCE

_DEAD = InboxMessage.state == "dead"


def sweep_messages(session: Session, now: datetime, keep: timedelta) -> bool:
    """Empty some that were received before `keep`; True if more may be left.

    Those that were applied are empty already. What still waits is kept, whatever its age.
    """
    before = new_id(now - max(keep, GIVE_UP_AFTER))
    full = func.length(InboxMessage.body) > 0
    old = select(InboxMessage.id).where(_DEAD, InboxMessage.id < before, full)
    ids = session.scalars(old.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if ids:
        emptied = update(InboxMessage).where(InboxMessage.id.in_(ids)).values(body=b"")
        session.execute(emptied, execution_options={"synchronize_session": False})
    return len(ids) == AT_ONCE
