"""An admin stops a person, here or elsewhere, and lets them take part again.

What they have said stays: to take it out is the affair of stewards, one by one or with a ban. A
person here cannot sign in, and their page and document stay. Of a person elsewhere nothing more is
taken but what they take back themselves.
"""

from fedcop.domain.people.admins import check_not_last
from fedcop.domain.people.facts import PersonReinstated, PersonSuspended
from fedcop.domain.people.models import Account, Actor
from fedcop.errors import NotAllowed
from fedcop.work.unit_of_work import UnitOfWork


def suspend(uow: UnitOfWork, actor: Actor, by: Actor | None = None, reason: str = "") -> None:
    """Stop a person; twice changes nothing. `by` is None for the command line.

    Raises NotAllowed for a community, for the server itself, for who would stop themselves, and
    for the only administrator.
    """
    check_not_last(uow.session, actor.id)
    check_may_be_suspended(actor, by)
    if actor.suspended_at is not None:
        return
    actor.suspended_at = uow.now
    account = _account(uow, actor)
    if account is not None:
        account.suspended_at = uow.now
    uow.emit(PersonSuspended(actor.id, by.id if by else None, reason))


def reinstate(uow: UnitOfWork, actor: Actor, by: Actor | None = None) -> None:
    """Let a person take part again; twice changes nothing."""
    if actor.suspended_at is None:
        return
    actor.suspended_at = None
    account = _account(uow, actor)
    if account is not None:
        account.suspended_at = None
    uow.emit(PersonReinstated(actor.id, by.id if by else None))


def check_may_be_suspended(actor: Actor, by: Actor | None = None) -> None:
    """Raise NotAllowed for anything but another person."""
    if actor.type == "Group":
        raise NotAllowed("A community is closed, or its server blocked; only people are suspended.")
    if actor.type == "Application" and actor.is_local:
        raise NotAllowed("This is the server itself.")
    if by is not None and by.id == actor.id:
        raise NotAllowed("You cannot suspend yourself. Another administrator can.")


def _account(uow: UnitOfWork, actor: Actor) -> Account | None:
    return uow.look_up(Account, actor.id) if actor.is_local else None
