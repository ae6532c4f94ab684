"""Inboxes that are not there (404, 410): tried three times in a day, with all for them held back.

What is held back is no delivery meanwhile: nothing else of the host waits for it. Then who reads
there is asked where they read now (`fedcop.outbox.look`). An inbox that its readers still name is
tried once a day.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    Subquery,
    Table,
    delete,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fedcop.db.among import among, on_postgresql
from fedcop.db.distinct import each
from fedcop.domain.network.models import RemoteInbox
from fedcop.ids import minted_at, new_id
from fedcop.log import logger
from fedcop.outbox.health import SILENCE
from fedcop.outbox.models import Delivery, HeldBack, MissingInbox
from fedcop.outbox.queue import Due
from fedcop.work.jobs import Job

_log = logger(__name__)

LOOK_FOR_INBOX = "look_for_inbox"
"""The job that asks those who read at a missing inbox where they read now."""
TRIES = 3
"""After so many answers of 404 who reads there is asked; after the first 410, too."""
WAITS = (timedelta(hours=1), timedelta(hours=21))
"""Between the tries: all of them fall into one day."""
DAILY = timedelta(days=1)
GONE = 410

_ROWS = cast("Table", Delivery.__table__)
_HELD = cast("Table", HeldBack.__table__)


def settle(
    session: Session,
    missed: Mapping[int, tuple[int, int]],
    held: Collection[Due],
    found: Collection[int],
    now: datetime,
) -> None:
    """Write down how turns ended for missing inboxes.

    `missed`: host and status of each that answered 404 or 410, by its id; `held`: what is held back
    for them or for others that are closed; `found`: those that took something again.
    """
    for inbox_id, (host_id, status) in missed.items():
        _miss(session, inbox_id, host_id, status, now)
    if held:
        rows = [
            {"inbox_id": due.inbox_id, "lane": due.lane, "activity_id": due.activity_id}
            for due in held
        ]
        on = postgresql if on_postgresql(session) else sqlite
        session.execute(on.insert(_HELD).on_conflict_do_nothing(), rows)
    if found:
        session.execute(delete(MissingInbox).where(among(MissingInbox.inbox_id, found)))
        _bring(session, found, now)


def _miss(session: Session, inbox_id: int, host_id: int, status: int, now: datetime) -> None:
    row = session.get(MissingInbox, inbox_id)
    if row is None:
        row = MissingInbox(inbox_id=inbox_id, host_id=host_id, missing_since=now)
        session.add(row)
    row.tries += 1
    row.next_try_at = now + (WAITS[row.tries - 1] if row.tries < TRIES else DAILY)
    if row.tries >= TRIES or (row.tries == 1 and status == GONE):
        job = Job(name=LOOK_FOR_INBOX, payload={"inbox_id": inbox_id}, due_at=now)
        session.add(job)
    session.flush()


def due(session: Session, now: datetime) -> bool:
    """Whether it is time to try a missing inbox again, or something is held for an open one."""
    again = exists().where(MissingInbox.next_try_at <= now)
    return session.scalar(select(true()).where(again | exists(_open_ones()))) is not None


def bring_back(session: Session, now: datetime) -> None:
    """Let the inboxes be tried whose time has come: what was held back is a delivery again.

    What has been held back for a week is dropped.
    """
    again = update(MissingInbox).where(MissingInbox.next_try_at <= now)
    session.execute(
        again.values(next_try_at=None), execution_options={"synchronize_session": False}
    )
    _bring(session, session.scalars(_open_ones()).all(), now)


def open_again(session: Session, host_id: int, now: datetime) -> None:
    """Let all inboxes of a host be tried at once."""
    theirs = MissingInbox.host_id == host_id
    inboxes = session.scalars(select(MissingInbox.inbox_id).where(theirs)).all()
    session.execute(
        update(MissingInbox).where(theirs).values(next_try_at=None),
        execution_options={"synchronize_session": False},
    )
    _bring(session, inboxes, now)


def release(session: Session, inbox_id: int, to_inbox_id: int, *, wholly: bool) -> None:
    """Whoever read at one inbox reads at another: what was held back goes there.

    `wholly`: nobody reads at the old one any more, so that whatever still waits for it goes, too.
    """
    target = session.get_one(RemoteInbox, to_inbox_id)
    columns = [HeldBack.lane, HeldBack.activity_id, literal(to_inbox_id)]
    held = select(literal(target.host_id), *columns).where(HeldBack.inbox_id == inbox_id)
    _insert(session, held)
    if wholly:
        columns = [Delivery.lane, Delivery.activity_id, literal(to_inbox_id)]
        theirs = (Delivery.host_id == target.host_id, Delivery.inbox_id == inbox_id)
        _insert(session, select(Delivery.host_id, *columns).where(*theirs))
        session.execute(delete(_ROWS).where(_ROWS.c.host_id == target.host_id).where(theirs[1]))
        forget(session, [inbox_id])


def give_up(session: Session, inbox_id: int) -> int:
    """Drop what is held back for an inbox; how much that was."""
    return _count(session, delete(_HELD).where(_HELD.c.inbox_id == inbox_id))


def forget(session: Session, inboxes: Collection[int]) -> None:
    """Drop what is held back for these, and that they are missing."""
    session.execute(delete(_HELD).where(among(_HELD.c.inbox_id, inboxes)))
    session.execute(delete(MissingInbox).where(among(MissingInbox.inbox_id, inboxes)))


def forget_hosts(session: Session, hosts: Collection[int]) -> None:
    """The same for all inboxes of these hosts."""
    if hosts:
        theirs = select(MissingInbox.inbox_id).where(among(MissingInbox.host_id, hosts))
        if inboxes := session.scalars(theirs).all():
            forget(session, inboxes)


def all_that_waits() -> Subquery:
    """`host_id` and `activity_id` of every delivery, and of all that is held back."""
    held = select(MissingInbox.host_id, HeldBack.activity_id)
    held = held.join(HeldBack, HeldBack.inbox_id == MissingInbox.inbox_id)
    return union_all(select(Delivery.host_id, Delivery.activity_id), held).subquery()


def held_by_host(session: Session) -> dict[int, tuple[int, datetime]]:
    """How much is held back for whom, and since when the oldest of it waits."""
    count, first = func.count(), func.min(HeldBack.activity_id)
    query = select(MissingInbox.host_id, count, first)
    query = query.join(HeldBack, HeldBack.inbox_id == MissingInbox.inbox_id)
    rows = session.execute(query.group_by(MissingInbox.host_id))
    return {host_id: (number, minted_at(oldest)) for host_id, number, oldest in rows}


def _open_ones() -> Any:
    """The inboxes for which something is held back, and which may be tried."""
    held = each(HeldBack.inbox_id, "held")
    closed = exists().where(
        MissingInbox.inbox_id == held.c.id, MissingInbox.next_try_at.is_not(None)
    )
    return select(held.c.id).where(held.c.id.is_not(None), ~closed)


def _bring(session: Session, inboxes: Sequence[int] | Collection[int], now: datetime) -> None:
    if not inboxes:
        return
    theirs = among(_HELD.c.inbox_id, inboxes)
    old = _count(session, delete(_HELD).where(theirs, _HELD.c.activity_id < new_id(now - SILENCE)))
    if old:
        _log.warning("held back for a week", inboxes=len(inboxes), dropped=old)
    rows = select(RemoteInbox.host_id, _HELD.c.lane, _HELD.c.activity_id, _HELD.c.inbox_id)
    _insert(session, rows.join(RemoteInbox, RemoteInbox.id == _HELD.c.inbox_id).where(theirs))
    session.execute(delete(_HELD).where(theirs))


def _insert(session: Session, rows: Any) -> None:
    on = postgresql if on_postgresql(session) else sqlite
    into = on.insert(_ROWS).from_select(["host_id", "lane", "activity_id", "inbox_id"], rows)
    session.execute(into.on_conflict_do_nothing())


def _count(session: Session, statement: Any) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
