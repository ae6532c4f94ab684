"""The server's own row and its actor: made once, its host fixed for ever."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.keys import FreshKeys, give_keys
from fedcop.domain.people.register import local_actor
from fedcop.domain.site.models import Site
from fedcop.errors import Conflict
from fedcop.work.unit_of_work import UnitOfWork


def site(session: Session) -> Site | None:
    """The one row about this server, if it was ever set up."""
    return session.scalar(select(Site))


def set_up(uow: UnitOfWork, *, name: str, keys: FreshKeys) -> Site:
    """Write down what the server is called, and make its instance actor (FEP-d556).

    Raises Conflict if the database belongs to a server already.
    """
    standing = site(uow.session)
    if standing is not None:
        raise Conflict(f"This database already belongs to {standing.host}.")
    host = uow.uris.host
    actor = local_actor(uow, uow.uris.site, "Application", host, name)
    actor.url = f"{uow.uris.base}/about"
    actor.inbox_uri = uow.uris.shared_inbox
    uow.add(actor)
    give_keys(uow, actor, keys)
    row = Site(host=host, name=name, actor_id=actor.id)
    uow.add(row)
    return row


def check_host(session: Session, host: str) -> Site:
    """The server's row. Raises Conflict if it is missing or was made under another name."""
    standing = site(session)
    if standing is None:
        raise Conflict("This server is not set up yet. Run: fedcop init HOST")
    if standing.host != host:
        raise Conflict(
            f"The database belongs to {standing.host}, but the settings say {host}. A server's "
            "name can never change: put the old name back into the settings."
        )
    return standing
