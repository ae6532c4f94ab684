"""Carries out jobs: each by the function that the wiring names, again later if it failed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.errors import FedcopError
from fedcop.log import logger
from fedcop.work.jobs import Job
from fedcop.work.queue import GIVE_UP_AFTER, Queue, State, back_off
from fedcop.work.wake import Wake

Carry = Callable[[Mapping[str, Any]], Awaitable[None]]
_IDLE_SECONDS = 30.0
_log = logger("jobs")


class JobRunner:
    """Claims due rows of `jobs` and carries them out, a few at a time."""

    def __init__(self, db: Database, wake: Wake, table: Mapping[str, Carry]) -> None:
        self._db, self._wake, self._table = db, wake, table
        self._queue = Queue(Job, lease=timedelta(minutes=10))

    async def run(self, stop: asyncio.Event) -> None:
        """Carry out jobs as they fall due, until told to stop."""
        while not stop.is_set():
            pause = await self._pause()
            if pause > 0:
                await self._wake.wait("jobs", pause)
            else:
                await self.run_once()

    async def run_once(self, limit: int = 4) -> int:
        """Carry out what is due now; how many jobs that were."""
        now = datetime.now(UTC)
        jobs = await self._db.write(
            lambda session: self._queue.claim(session, now, limit), behind=True
        )
        await asyncio.gather(*(self._carry_out(job) for job in jobs))
        return len(jobs)

    async def _carry_out(self, job: Job) -> None:
        try:
            await self._table[job.name](job.payload)
        except Exception as error:  # noqa: BLE001  whatever it was, the row must be settled
            await self._settle_failed(job, error)
        else:
            await self._db.write(lambda session: self._queue.done(session, [job.id]), behind=True)

    async def _settle_failed(self, job: Job, error: Exception) -> None:
        now = datetime.now(UTC)
        passing = not isinstance(error, FedcopError) or error.retry
        old = now - job.due_at > GIVE_UP_AFTER or job.attempts > 12
        retry_at = now + back_off(job.attempts) if passing and not old else None
        known = isinstance(error, FedcopError)
        _log.warning("job failed", job=job.name, error=str(error), exc_info=not known)
        words = str(error) if known else repr(error)
        await self._db.write(
            lambda session: self._queue.failed(session, job.id, words, now, retry_at), behind=True
        )

    async def _pause(self) -> float:
        def next_due(session: Session) -> datetime | None:
            return session.scalar(select(func.min(Job.due_at)).where(Job.state == State.WAITING))

        due = await self._db.read(next_due)
        wait = (due - datetime.now(UTC)).total_seconds() if due else _IDLE_SECONDS
        return min(wait, _IDLE_SECONDS)
