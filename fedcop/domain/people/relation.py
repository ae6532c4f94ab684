"""What stands between two people, and how many listen to one, to be shown on a page."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor, Block, Follow, FollowStanding


@dataclass(frozen=True, slots=True)
class Relation:
    """How a reader stands to somebody: `following` is empty, "asked" or "active"."""

    following: str = ""
    is_followed: bool = False
    blocks: bool = False


def relation(session: Session, reader_id: int, other_id: int) -> Relation:
    """What the reader has decided about the other, and whether the other follows them."""
    mine = session.get(Follow, (reader_id, other_id))
    theirs = session.get(Follow, (other_id, reader_id))
    return Relation(
        following=mine.standing if mine else "",
        is_followed=theirs is not None and theirs.standing == FollowStanding.ACTIVE,
        blocks=session.get(Block, (reader_id, other_id)) is not None,
    )


def has_followers_here(session: Session, actor_id: int) -> bool:
    """Whether anybody of this server follows this person, or has asked to."""
    query = (
        select(Follow.target_id)
        .join(Actor, Actor.id == Follow.follower_id)
        .where(Follow.target_id == actor_id, Actor.host_id.is_(None))
    )
    return session.scalar(query.limit(1)) is not None


def count_followers(session: Session, actor_id: int) -> int:
    """How many people follow this one, as far as this server knows."""
    return _count(session, Follow.target_id == actor_id)


def count_followed(session: Session, actor_id: int) -> int:
    """How many people this one follows, as far as this server knows."""
    return _count(session, Follow.follower_id == actor_id)


def _count(session: Session, whose: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Follow)
    return session.scalar(query.where(whose, Follow.standing == FollowStanding.ACTIVE)) or 0
