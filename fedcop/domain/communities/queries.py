"""Communities to be read: by name, the directory, mine, their members."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle


@dataclass(frozen=True, slots=True)
class Listed:
    """A community as a list shows it, and what the reader is in it (None: not a member)."""

    community: Community
    actor: Actor
    membership: Membership | None = None


def by_name(session: Session, name: str, host: str | None = None) -> Listed | None:
    """The community `name@host`; without a host, one of ours."""
    actor = by_handle(session, name, host)
    if actor is None or actor.type != "Group":
        return None
    community = session.get(Community, actor.id)
    return Listed(community, actor) if community else None


def by_id(session: Session, community_id: int) -> Listed | None:
    """The community with this row id."""
    query = select(Community, Actor).join(Actor, Actor.id == Community.actor_id)
    row = session.execute(query.where(Community.actor_id == community_id)).one_or_none()
    return Listed(*row) if row is not None else None


def seen_by(session: Session, listed: Listed, actor_id: int | None) -> Listed:
    """The same with the membership of this reader."""
    if actor_id is None:
        return listed
    membership = session.get(Membership, (listed.actor.id, actor_id))
    return Listed(listed.community, listed.actor, membership)


def directory(session: Session, cursor: Cursor, *, local: bool | None = None) -> Page[Listed]:
    """Communities, newest first: ours, those of partner servers, or all (`local=None`)."""
    query = (
        select(Actor)
        .join(Community, Community.actor_id == Actor.id)
        .where(Actor.deleted_at.is_(None), ~is_hidden(Actor.id))
    )
    if local is not None:
        query = query.where(Community.local.is_(local))
    actors = page(session, query, Community.actor_id, cursor, lambda actor: actor.id)
    return Page(_listed(session, actors.items), actors.older, actors.newer)


def by_activity(
    session: Session, cursor: Cursor, *, local: bool | None = None, reader_id: int | None = None
) -> Page[Listed]:
    """Communities as this reader sees them, first where something was said last.

    Ours, those of partner servers, or all (`local=None`).
    """
    moment = func.coalesce(Community.last_post_at, Community.founded_at)
    own = and_(Membership.community_id == Community.actor_id, Membership.actor_id == reader_id)
    query = (
        select(Community, Actor, Membership)
        .join(Actor, Actor.id == Community.actor_id, isouter=True)  # there is: so none but theirs
        .join(Membership, own, isouter=True)
        .where(Actor.deleted_at.is_(None), ~is_hidden(Actor.id))
        .order_by(moment.desc(), Community.actor_id.desc())
        .limit(cursor.limit + 1)
    )
    if local is not None:
        query = query.where(Community.local.is_(local))
    if cursor.before is not None and cursor.moment is not None:
        edge = (cursor.moment, cursor.before)
        query = query.where(tuple_(moment, Community.actor_id) < edge)
    rows = [Listed(*row) for row in session.execute(query)]
    found = rows[: cursor.limit]
    if len(rows) == len(found):
        return Page(found)
    last = found[-1].community
    return Page(found, last.actor_id, None, last.last_post_at or last.founded_at)


def mine(session: Session, actor_id: int) -> list[Listed]:
    """The communities that this person belongs to or has asked to join, by title."""
    query = (
        select(Community, Actor, Membership)
        .join(Actor, Actor.id == Community.actor_id)
        .join(Membership, Membership.community_id == Community.actor_id)
        .where(Membership.actor_id == actor_id, Membership.standing != Standing.REFUSED)
        .where(~is_hidden(Actor.id))
        .order_by(Actor.display_name)
    )
    return [Listed(*row) for row in session.execute(query)]


def stewards(session: Session, community_id: int) -> Sequence[Actor]:
    """Those who look after a community, the longest-serving first."""
    query = (
        select(Actor)
        .join(Membership, Membership.actor_id == Actor.id)
        .where(Membership.community_id == community_id, Membership.standing == Standing.ACTIVE)
        .where(Membership.role == Role.STEWARD)
        .order_by(Membership.joined_at, Actor.id)
    )
    return session.scalars(query).all()


def has_steward_here(session: Session, community_id: int) -> bool:
    """Whether a person of this server looks after it, wherever it is at home."""
    query = (
        select(Membership.actor_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .where(Membership.community_id == community_id, Actor.host_id.is_(None))
        .where(Membership.role == Role.STEWARD, Membership.standing == Standing.ACTIVE)
        .limit(1)
    )
    return session.scalar(query) is not None


def has_local_members(session: Session, community_id: int) -> bool:
    """Whether anybody here belongs to it or has asked to: only then we listen to it."""
    query = (
        select(Membership.actor_id)
        .join(Actor, Actor.id == Membership.actor_id)
        .where(Membership.community_id == community_id, Actor.host_id.is_(None))
        .where(Membership.standing != Standing.REFUSED)
        .limit(1)
    )
    return session.scalar(query) is not None


def _listed(session: Session, actors: Sequence[Actor]) -> list[Listed]:
    ids = [actor.id for actor in actors]
    rows = session.scalars(select(Community).where(Community.actor_id.in_(ids)))
    by_id = {community.actor_id: community for community in rows}
    return [Listed(by_id[actor.id], actor) for actor in actors]
