"""What its author said is deleted or undone, remembered in case it arrives (again) afterwards."""

from collections.abc import Collection

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Tombstone
from fedcop.work.unit_of_work import UnitOfWork


def bury(uow: UnitOfWork, uri: str, said_by: str) -> None:
    """Remember that `said_by` (an actor's URI) took back `uri`; saying so twice changes nothing."""
    if not is_buried(uow, uri, said_by):
        grave = Tombstone(uri=uri, said_by=said_by)
        uow.add(grave)
        uow.remember((uri, said_by), grave)


def unbury(uow: UnitOfWork, uri: str, said_by: str) -> None:
    """Forget that `said_by` took back `uri`; if they never did, nothing changes."""
    grave = uow.recall(Tombstone, (uri, said_by))
    if grave is None and not uow.is_gathered(Tombstone, uri):
        query = select(Tombstone).where(Tombstone.uri == uri, Tombstone.said_by == said_by)
        grave = uow.session.scalar(query)
    if grave is not None:
        uow.write()
        uow.session.delete(grave)
        uow.write()
        uow.forget(Tombstone, (uri, said_by))


def is_buried(uow: UnitOfWork, uri: str, said_by: str) -> bool:
    """Whether `said_by` took back `uri`. Gathered graves need no query."""
    if uow.recall(Tombstone, (uri, said_by)) is not None:
        return True
    if uow.is_gathered(Tombstone, uri):
        return False
    return bool(buried(uow.session, [(uri, said_by)]))


def buried(session: Session, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (uri, said by) are taken back."""
    if not pairs:
        return set()
    pair = tuple_(Tombstone.uri, Tombstone.said_by)
    query = select(Tombstone.uri, Tombstone.said_by).where(pair.in_(list(pairs)))
    return {(uri, by) for uri, by in session.execute(query)}
