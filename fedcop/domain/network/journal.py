"""The journal: an activity is written down once; a second time it is a duplicate."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Activity
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork


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


def known(session: Session, uris: Collection[str]) -> set[str]:
    """Which of these activities stand in the journal."""
    if not uris:
        return set()
    return set(session.scalars(select(Activity.uri).where(Activity.uri.in_(uris))))
