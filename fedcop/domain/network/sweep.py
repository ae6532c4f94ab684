"""Forget what other servers said word for word; the journal keeps that it was said, and by whom."""

from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Activity
from fedcop.ids import new_id
from fedcop.work.schedule import AT_ONCE

_HEARD = text("NOT local AND length(body) > 0")
"""In the words of the index, so that a database uses it."""


def sweep_journal(session: Session, now: datetime, keep: timedelta) -> bool:
    """Empty the bodies of some remote activities of before `keep`; True if more may be left.

    Their ids stay for ever: what comes a second time is known, and an `Undo` finds what it undoes.
    """
    old = select(Activity.id).where(_HEARD, Activity.id < new_id(now - keep))
    ids = session.scalars(old.order_by(Activity.id).limit(AT_ONCE)).all()
    if ids:
        emptied = update(Activity).where(Activity.id.in_(ids)).values(body=b"", note_body=None)
        session.execute(emptied, execution_options={"synchronize_session": False})
    return len(ids) == AT_ONCE
