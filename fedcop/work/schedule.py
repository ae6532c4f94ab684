"""What is done every hour or every night, as jobs that write down their next time themselves."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.work.jobs import Job
from fedcop.work.queue import State
from fedcop.work.runner import Carry

Sweep = Callable[[Session, datetime], bool | None]
"""It answers True if it has more to do: then it is called again, in another transaction."""

AT_ONCE = 500
"""So many rows a sweep changes in one transaction, so that nobody waits for it long."""


class Schedule:
    """A table: a name, how often, and a plain function over a session."""

    def __init__(self, entries: Mapping[str, tuple[timedelta, Sweep]]) -> None:
        self._entries = entries

    async def begin(self, db: Database) -> None:
        """See to it that each entry has a waiting job; one that waits already keeps its time."""
        now = datetime.now(UTC)

        def plan(session: Session) -> None:
            for name, (every, _) in self._entries.items():
                _plan(session, name, now + every)

        await db.write(plan)

    def carriers(self, db: Database) -> dict[str, Carry]:
        """How the job runner carries out each entry."""
        return {name: self._carrier(db, name) for name in self._entries}

    def _carrier(self, db: Database, name: str) -> Carry:
        every, sweep = self._entries[name]

        async def carry(_: Mapping[str, Any]) -> None:
            now = datetime.now(UTC)

            def work(session: Session) -> bool:
                more = bool(sweep(session, now))
                if not more:
                    session.add(Job(name=name, payload={}, due_at=now + every))
                return more

            while await db.write(work, behind=True):
                pass

        return carry


def _plan(session: Session, name: str, at: datetime) -> None:
    waiting = select(Job.id).where(Job.name == name, Job.state == State.WAITING)
    if session.scalar(waiting.limit(1)) is None:
        session.add(Job(name=name, payload={}, due_at=at))
