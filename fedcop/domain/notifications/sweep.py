"""Forget notifications that were read long ago."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fedcop.domain.notifications.models import Notification
from fedcop.ids import new_id
from fedcop.work.schedule import AT_ONCE


def sweep_notifications(session: Session, now: datetime, keep: timedelta) -> bool:
    """Delete some that are older than `keep` and were read; True if more may be left."""
    old = select(Notification.id).where(
        Notification.id < new_id(now - keep), Notification.read_at.is_not(None)
    )
    ids = session.scalars(old.limit(AT_ONCE)).all()
    if ids:
        session.execute(delete(Notification).where(Notification.id.in_(ids)))
    return len(ids) == AT_ONCE
