"""Forget sessions and links whose time is over."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fedcop.domain.access.models import Link, SignIn


def sweep_access(session: Session, now: datetime) -> None:
    """Delete what opens nothing any more."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now))
    session.execute(delete(Link).where(Link.expires_at < now))
