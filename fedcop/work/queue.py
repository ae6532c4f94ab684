"""A durable queue is a table whose rows wait: claim, lease, back off, give up."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from fedcop.db.base import HasId

_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
GIVE_UP_AFTER = timedelta(days=7)


class State(StrEnum):
    """Where a queued row stands. Rows that are done are deleted, dead ones kept to be looked at."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1 m, 5 m, 15 m, 1 h … then daily, each ± 20 %."""
    step = _STEPS[min(max(attempts, 1), len(_STEPS)) - 1]
    return step * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret


class Queued(HasId, kw_only=True, eq=False, repr=False):
    """The columns of a row that waits. A claimed row is one whose `due_at` lies ahead: its lease.

    A worker that dies leaves nothing to tidy up: when the lease is over the row is due again.
    """

    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=State.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(default=None)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (Index(None, "state", "due_at"),)


Q = TypeVar("Q", bound=Queued)


class Queue(Generic[Q]):
    """The rows of one table, taken in the order in which they fall due."""

    def __init__(self, table: type[Q], lease: timedelta = timedelta(minutes=2)) -> None:
        self.table, self.lease = table, lease

    def claim(self, session: Session, now: datetime, limit: int = 20) -> Sequence[Q]:
        """Lease up to `limit` due rows; no two workers get the same one."""
        table = self.table
        due = (
            select(table)
            .where(table.state == State.WAITING, table.due_at <= now)
            .order_by(table.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = session.scalars(due).all()
        for row in rows:
            row.due_at = now + self.lease
            row.attempts += 1
        return rows

    def done(self, session: Session, ids: Sequence[int]) -> None:
        """Forget rows that were carried out."""
        session.execute(delete(self.table).where(self.table.id.in_(ids)))

    def failed(
        self, session: Session, row_id: int, error: str, now: datetime, retry_at: datetime | None
    ) -> None:
        """Let a row wait until `retry_at`, or keep it as dead if that is None."""
        state = State.DEAD if retry_at is None else State.WAITING
        values = {"state": state, "error": error[:500], "due_at": retry_at or now}
        session.execute(update(self.table).where(self.table.id == row_id).values(values))

    def waiting(self, session: Session) -> int:
        """How many rows wait, leased ones included."""
        count = select(func.count()).where(self.table.state == State.WAITING)
        return session.scalar(count) or 0
