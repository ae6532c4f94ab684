"""Invitations that nobody has used yet: listed, and called back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from fedcop.domain.access.links import INVITE
from fedcop.domain.access.models import Link
from fedcop.domain.people.models import Actor
from fedcop.work.unit_of_work import UnitOfWork

MOST = 200


@dataclass(frozen=True, slots=True)
class Open:
    """An invitation that still opens: who sent it (None: the command line), to what, until when."""

    id: int
    by: Actor | None
    community: Actor | None
    role: str
    until: datetime


def open_invitations(session: Session, now: datetime) -> list[Open]:
    """Those that nobody has used and that are not too old, newest first; at most 200."""
    sender, place = aliased(Actor), aliased(Actor)
    query = (
        select(Link, sender, place)
        .join(sender, sender.id == Link.invited_by_id, isouter=True)
        .join(place, place.id == Link.community_id, isouter=True)
        .where(Link.purpose == INVITE, Link.used_at.is_(None), Link.expires_at > now)
        .order_by(Link.id.desc())
        .limit(MOST)
    )
    return [
        Open(link.id, by, community, link.role, link.expires_at)
        for link, by, community in session.execute(query)
    ]


def revoke(uow: UnitOfWork, link_id: int) -> bool:
    """Let an invitation open nothing any more; False if it does not anyway."""
    link = uow.session.get(Link, link_id, with_for_update=True)
    if link is None or link.purpose != INVITE or link.used_at or link.expires_at <= uow.now:
        return False
    link.used_at = uow.now
    return True
