"""The keys of who left are kept until their last word is told, and then forgotten."""

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Activity
from fedcop.domain.people.models import Actor, Key
from fedcop.outbox.models import Delivery
from fedcop.outbox.queue import KEPT


def forget_last_keys(session: Session, now: datetime) -> None:
    """Delete the keys of people who left 30 days ago or earlier, and wait for no delivery.

    Until then a server that was away can be told that they left, which they sign themselves.
    """
    query = select(Actor.id, Actor.uri).where(
        Actor.host_id.is_(None), Actor.deleted_at < now - KEPT, Actor.type == "Person"
    )
    has_keys = exists().where(Key.actor_id == Actor.id)
    gone = {row.uri: row.id for row in session.execute(query.where(has_keys))}
    if gone:
        said = select(Activity.actor_uri).join(Delivery, Delivery.activity_id == Activity.id)
        waiting = session.scalars(said.where(Activity.actor_uri.in_(gone), Activity.local))
        for uri in set(waiting):
            del gone[uri]
        session.execute(delete(Key).where(Key.actor_id.in_(gone.values())))
