"""Whom lists leave out: people and communities of hosts that an admin has blocked.

Nothing of them is deleted: when the host is welcome again, all is shown as before.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor


def is_hidden(actor_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """For a query: whether the actor with this id (`Post.author_id`, `Actor.id`) is left out."""
    theirs = Actor.__table__.alias()
    hosts = Host.__table__.alias()
    return exists(
        select(theirs.c.id)
        .join(hosts, hosts.c.id == theirs.c.host_id)
        .where(theirs.c.id == actor_id, hosts.c.blocked)
    )


def hidden_among(session: Session, actor_ids: Collection[int]) -> frozenset[int]:
    """Which of these actors are left out."""
    query = select(Actor.id).join(Host, Host.id == Actor.host_id)
    return frozenset(session.scalars(query.where(Actor.id.in_(actor_ids), Host.blocked)))
