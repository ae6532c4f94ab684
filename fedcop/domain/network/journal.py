"""The journal: an activity is written down once; a second time it is a duplicate."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Activity
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

_KNOWN = select(Activity.uri).where(Activity.uri.in_(bindparam("uris", expanding=True)))


def write_down(
    uow: UnitOfWork,
    *,
    uri: str,
    type: str,
    actor_uri: str,
    object_uri: str | None = None,
    body: bytes = b"",
    note_body: bytes | None = None,
    local: bool = False,
    for_microblogs: bool = False,
    row_id: int | None = None,
) -> Activity:
    """Add a row to the journal. Its URI is unique; a second one fails the unit when written."""
    activity = Activity(
        id=row_id or new_id(),
        uri=uri,
        type=type,
        actor_uri=actor_uri,
        object_uri=object_uri,
        body=body,
        note_body=note_body,
        local=local,
        for_microblogs=for_microblogs,
    )
    uow.add(activity)
    return activity


def hearsay(uri: str, community_uri: str) -> str:
    """Under which name the journal keeps an activity of which only a community has told.

    Its own id stays free for whoever lives on the host of that id: else a community could take the
    ids of activities to come, such as the one by which an author deletes a post.
    """
    return "hearsay:" + hashlib.sha256(f"{community_uri} {uri}".encode()).hexdigest()


def said_lately(session: Session, type: str, object_uri: str, since: datetime) -> bool:
    """Whether an activity of this type about this thing was written down after `since`."""
    query = select(Activity.id).where(Activity.object_uri == object_uri, Activity.type == type)
    return session.scalar(query.where(Activity.id > new_id(since)).limit(1)) is not None


def known(session: Session, uris: Collection[str]) -> set[str]:
    """Which of these activities stand in the journal."""
    if not uris:
        return set()
    return set(session.scalars(_KNOWN, {"uris": list(uris)}))
