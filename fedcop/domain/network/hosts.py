"""Other servers and their addresses: found, or written down when they are first met."""

from collections.abc import Collection
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select

from fedcop.db.columns import LONG_AGO
from fedcop.domain.network.models import Host, RemoteInbox
from fedcop.domain.network.policies import is_refused
from fedcop.work.unit_of_work import UnitOfWork

_FINE = select(Host.name).where(
    Host.name.in_(bindparam("names", expanding=True)),
    Host.parked.is_(False),
    Host.failing_since.is_(None),
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
    """`heard_from` for many at once: those about whom nothing is to be changed cost one query."""
    if names:
        fine = set(uow.session.scalars(_FINE, {"names": list(names)}))
        for name in names:
            if name not in fine:
                heard_from(uow, name)


def heard_from(uow: UnitOfWork, name: str) -> None:
    """A request from this host was proved to be its own: it is up, so it is tried again now."""
    host = host_named(uow, name)
    if host.parked or host.failing_since is not None:
        host.parked, host.next_try_at = False, LONG_AGO
