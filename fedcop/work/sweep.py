"""Forget jobs that were given up long ago."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fedcop.work.jobs import Job
from fedcop.work.queue import State


def sweep_jobs(session: Session, now: datetime, keep: timedelta) -> None:
    """Delete those that died before `keep`; whoever looks after the server had so long to look."""
    session.execute(delete(Job).where(Job.state == State.DEAD, Job.due_at < now - keep))
