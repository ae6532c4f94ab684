"""Find actors by URI, by handle, by id."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.network.hosts import host_of
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Account, Actor


def by_uri(session: Session, uri: str) -> Actor | None:
    """The actor with this id, local or remote."""
    return session.scalar(select(Actor).where(Actor.uri == uri))


def by_uris(session: Session, uris: Collection[str]) -> Sequence[Actor]:
    """Those of these actors that we know."""
    return session.scalars(select(Actor).where(Actor.uri.in_(uris))).all() if uris else []


def by_handle(session: Session, name: str, host: str | None = None) -> Actor | None:
    """The actor `name@host`; without a host, one of ours.

    Deleted ones are not found, and neither is anybody of a blocked host.
    """
    query = select(Actor).where(Actor.name == name.lower(), Actor.deleted_at.is_(None))
    if host is None:
        query = query.where(Actor.host_id.is_(None))
    else:
        known = (Host.name == host.lower(), ~Host.blocked)
        query = query.join(Host, Host.id == Actor.host_id).where(*known)
    return session.scalar(query.order_by(Actor.id).limit(1))


def person_here(session: Session, name: str) -> Actor | None:
    """The local person of this name."""
    actor = by_handle(session, name)
    return actor if actor is not None and actor.type == "Person" else None


def handle(actor: Actor, home: str) -> str:
    """`name@host`, with `home` as the host of local actors."""
    return f"{actor.name}@{home if actor.is_local else host_of(actor.uri)}"


def accounts(session: Session, cursor: Cursor) -> Page[Actor]:
    """The people who have an account here, newest first."""
    query = select(Actor).join(Account, Account.actor_id == Actor.id)
    return page(session, query, Account.actor_id, cursor, lambda actor: actor.id)


def account_of(session: Session, actor_id: int) -> Account | None:
    """The account of a local person."""
    return session.get(Account, actor_id)


def count_people(session: Session) -> int:
    """How many people have an account here."""
    return session.scalar(select(func.count()).select_from(Account)) or 0
