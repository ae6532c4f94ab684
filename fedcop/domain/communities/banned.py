"""Whether somebody may take part in a community, or is banned from it now."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Ban, Community
from fedcop.domain.people.models import Actor
from fedcop.errors import NotAllowed, Sentence
from fedcop.work.unit_of_work import UnitOfWork


def standing(session: Session, community_id: int, actor_id: int, now: datetime) -> Ban | None:
    """The ban that holds at this moment. One that has ended or was lifted is none."""
    query = select(Ban).where(
        Ban.community_id == community_id, Ban.actor_id == actor_id, _holds(now)
    )
    return session.scalar(query.order_by(Ban.id.desc()).limit(1))


def all_standing(session: Session, community_id: int, now: datetime) -> list[tuple[Ban, Actor]]:
    """Every ban of a community that holds at this moment, the newest first, and of whom."""
    query = select(Ban, Actor).join(Actor, Actor.id == Ban.actor_id)
    query = query.where(Ban.community_id == community_id, _holds(now))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Ban.id.desc()))]


def said_by(session: Session, uri: str) -> Ban | None:
    """The ban that the Block with this id made."""
    return session.scalar(select(Ban).where(Ban.uri == uri).limit(1))


def in_force(uow: UnitOfWork, community_id: int, actor_id: int) -> Ban | None:
    """The ban that holds now. Gathered ones need no query."""
    key = (community_id, actor_id)
    known = uow.recall(Ban, key)
    if known is None and not uow.is_gathered(Ban, key):
        known = standing(uow.session, community_id, actor_id, uow.now)
        if known is not None:
            uow.remember(key, known)
    if known is None or known.lifted_at is not None:
        return None
    return known if known.until is None or known.until > uow.now else None


def check_not_banned(uow: UnitOfWork, community: Community, actor: Actor) -> None:
    """Raise NotAllowed, with the reason and until when, for who is banned here.

    What a community of another server says about its own people is for that server to enforce;
    about ours it is kept here, so that they see why they are not heard there.
    """
    if not community.local and not actor.is_local:
        return
    ban = in_force(uow, community.actor_id, actor.id)
    if ban is not None:
        raise NotAllowed(words_of(ban))


def words_of(ban: Ban) -> str:
    """What the banned person reads."""
    if ban.until is None and not ban.reason:
        return Sentence("The stewards have banned you from this community.")
    if ban.until is None:
        return Sentence(
            "The stewards have banned you from this community. Their reason: {reason}",
            reason=ban.reason,
        )
    if not ban.reason:
        return Sentence(
            "The stewards have banned you from this community until {end}.", end=ban.until
        )
    return Sentence(
        "The stewards have banned you from this community until {end}. Their reason: {reason}",
        end=ban.until,
        reason=ban.reason,
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(Ban.lifted_at.is_(None), or_(Ban.until.is_(None), Ban.until > now))
