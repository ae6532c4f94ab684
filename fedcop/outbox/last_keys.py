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
    waits = exists().where(
        Activity.actor_uri == Actor.uri, Activity.local, Delivery.activity_id == Activity.id
    )
    gone = select(Actor.id).where(
        Actor.host_id.is_(None), Actor.deleted_at < now - KEPT, Actor.type == "Person", ~waits
    )
    session.execute(delete(Key).where(Key.actor_id.in_(gone)))
