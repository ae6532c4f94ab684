"""Who wants nothing to do with whom: asked by everybody who brings two people together."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor, Block


def is_blocked(session: Session, one_id: int, other_id: int) -> bool:
    """Whether one of these two blocks the other, whichever it is."""
    either = or_(_pair(one_id, other_id), _pair(other_id, one_id))
    return session.scalar(select(Block.blocker_id).where(either).limit(1)) is not None


def blocked_by(session: Session, viewer_id: int | None) -> set[int]:
    """The ids of everybody whom this person blocks; of nobody, for who is not signed in."""
    if viewer_id is None:
        return set()
    return set(session.scalars(select(Block.target_id).where(Block.blocker_id == viewer_id)))


def those_apart(session: Session, actor_id: int, others: Collection[int]) -> set[int]:
    """Those among `others` who block this actor, or whom it blocks: one query for a whole list."""
    if not others:
        return set()
    query = select(Block.blocker_id, Block.target_id).where(
        or_(
            and_(Block.blocker_id == actor_id, Block.target_id.in_(others)),
            and_(Block.target_id == actor_id, Block.blocker_id.in_(others)),
        )
    )
    return {row_id for pair in session.execute(query) for row_id in pair} - {actor_id}


def blocked_people(session: Session, viewer_id: int) -> list[Actor]:
    """Whom this person blocks, the latest first."""
    query = (
        select(Actor)
        .join(Block, Block.target_id == Actor.id)
        .where(Block.blocker_id == viewer_id)
        .order_by(Block.blocked_at.desc(), Actor.id)
    )
    return list(session.scalars(query))


def _pair(blocker_id: int, target_id: int) -> ColumnElement[bool]:
    return and_(Block.blocker_id == blocker_id, Block.target_id == target_id)
