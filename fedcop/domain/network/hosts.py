"""Other servers and their addresses: found, or written down when they are first met."""

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, or_, select, update

from fedcop.db.columns import LONG_AGO
from fedcop.domain.network.models import Host, RemoteInbox
from fedcop.domain.network.policies import is_refused
from fedcop.work.unit_of_work import UnitOfWork

_SILENT = or_(Host.parked, Host.failing_since.is_not(None))
_NAMED = Host.name.in_(bindparam("names", expanding=True))
_KNOWN = select(Host.name, _SILENT).where(_NAMED)
_TRY_AGAIN = (
    update(Host)
    .where(_NAMED, _SILENT)
    .values(parked=False, next_try_at=LONG_AGO)
    .execution_options(synchronize_session=False)
)


def host_of(uri: str) -> str:
    """The host of a URI, with its port if it names one, lower-case."""
    return urlsplit(uri).netloc.lower()


def host_named(uow: UnitOfWork, name: str) -> Host:
    """The host with this name, made if it is new."""
    known = uow.recall(Host, name)
    if known is None:
        known = uow.session.scalar(select(Host).where(Host.name == name))
        if known is None:
            known = Host(name=name, blocked=is_refused(uow.session, name))
            uow.add(known)
        uow.remember(name, known)
    return known


def inbox_at(uow: UnitOfWork, uri: str) -> RemoteInbox:
    """The address with this URI, made with its host if it is new."""
    known = uow.find(RemoteInbox, uri)
    if known is None:
        known = RemoteInbox(uri=uri, host_id=host_named(uow, host_of(uri)).id)
        uow.add(known)
    return known


def heard_from_all(uow: UnitOfWork, names: Collection[str]) -> None:
    """Requests from these hosts were proved to be their own: they are up, so they are tried again
    now. Those about whom nothing is to be changed cost one query, together."""
    if not names:
        return
    found: Iterable[Any] = uow.session.execute(_KNOWN, {"names": list(names)})
    known: dict[str, bool] = dict(iter(found))
    silent = [name for name in names if known.get(name)]
    if silent:
        uow.session.execute(_TRY_AGAIN, {"names": silent})
    for name in names:
        if name not in known:
            host_named(uow, name)
