"""Who belongs to a community, as its page lists them: stewards apart, others newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.communities.models import Membership, Role, Standing
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, and since when and as what they belong."""

    actor: Actor
    membership: Membership


def stewards_of(session: Session, community_id: int, like: str = "") -> Sequence[Member]:
    """Those who look after it, the longest-serving first; with `like` in their names."""
    query = _members(community_id, like).where(Membership.role == Role.STEWARD)
    rows = session.scalars(query.order_by(Membership.joined_at, Actor.id)).all()
    return _with_membership(session, community_id, rows)


def others_of(session: Session, community_id: int, cursor: Cursor, like: str = "") -> Page[Member]:
    """One page of all others, newest actors first; with `like` in their names."""
    query = _members(community_id, like).where(Membership.role != Role.STEWARD)
    found = page(session, query, Actor.id, cursor, lambda actor: actor.id)
    return Page(_with_membership(session, community_id, found.items), found.older, found.newer)


def _members(community_id: int, like: str) -> Select[Actor]:
    query = (
        select(Actor)
        .join(Membership, Membership.actor_id == Actor.id)
        .where(Membership.community_id == community_id, Membership.standing == Standing.ACTIVE)
        .where(Actor.deleted_at.is_(None), ~is_hidden(Actor.id))
    )
    words = like.lower().lstrip("@").partition("@")[0].strip()
    return query.where(_named(words)) if words else query


def _named(words: str) -> ColumnElement[bool]:
    pattern = words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return or_(
        Actor.name.like(f"%{pattern}%", escape="\\"),
        func.lower(Actor.display_name).like(f"%{pattern}%", escape="\\"),
    )


def _with_membership(session: Session, community_id: int, actors: Sequence[Actor]) -> list[Member]:
    query = select(Membership).where(
        Membership.community_id == community_id,
        Membership.actor_id.in_([actor.id for actor in actors]),
    )
    by_actor = {row.actor_id: row for row in session.scalars(query)}
    return [Member(actor, by_actor[actor.id]) for actor in actors]
