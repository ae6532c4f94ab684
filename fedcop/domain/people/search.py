"""Find people and communities by a part of their name."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor


def named_like(
    session: Session, text: str, *, communities: bool, limit: int = 10
) -> Sequence[Actor]:
    """Communities, or people, whose name or display name contains `text`, whatever the case.

    Those of this server come first, then by display name.
    """
    wanted = text.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    pattern = f"%{wanted}%"
    kind = Actor.type == "Group" if communities else Actor.type.in_(("Person", "Service"))
    query = (
        select(Actor)
        .where(kind, Actor.deleted_at.is_(None), ~is_hidden(Actor.id))
        .where(
            or_(
                Actor.name.like(pattern, escape="\\"),
                func.lower(Actor.display_name).like(pattern, escape="\\"),
            )
        )
        .order_by(Actor.host_id.is_not(None), Actor.display_name, Actor.id)
        .limit(limit)
    )
    return session.scalars(query).all()
