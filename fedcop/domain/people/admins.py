"""Who administers this server: there is always somebody."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.people.models import Account, Actor
from fedcop.errors import NotAllowed, NotFound
from fedcop.work.unit_of_work import UnitOfWork

ADMIN, MEMBER = "admin", "member"
Role = Literal["admin", "member"]

_ADMINS = (
    select(Account.actor_id)
    .join(Actor, Actor.id == Account.actor_id)
    .where(Account.role == ADMIN, Account.suspended_at.is_(None), Actor.deleted_at.is_(None))
    .order_by(Account.actor_id)
)


def give_role(uow: UnitOfWork, actor_id: int, role: Role) -> bool:
    """Make a person here an admin or a member; False if they are.

    Raises NotFound for who has no account, NotAllowed for the last admin.
    """
    account = uow.session.get(Account, actor_id, with_for_update=True)
    if account is None:
        raise NotFound("Nobody with an account here is meant.")
    if account.role == role:
        return False
    if role != ADMIN:
        check_not_last(uow.session, actor_id)
    account.role = role
    return True


def check_not_last(session: Session, actor_id: int) -> None:
    """Raise NotAllowed if without this person nobody would administer the server.

    Call it, while writing, before a person is suspended, deleted, or made a member: two admins who
    leave at the same moment wait for each other.
    """
    if list(session.scalars(_ADMINS.with_for_update())) == [actor_id]:
        raise NotAllowed(
            "This is the only administrator. Make somebody else one first, then do this."
        )


def is_last(session: Session, actor_id: int) -> bool:
    """Whether without this person nobody would administer the server; for who only asks."""
    return list(session.scalars(_ADMINS)) == [actor_id]


def people(session: Session, text: str, cursor: Cursor) -> Page[tuple[Actor, Account]]:
    """The people with an account here, newest first; those whose name or e-mail has `text`."""
    query = select(Actor).join(Account, Account.actor_id == Actor.id)
    query = query.where(Actor.deleted_at.is_(None))
    wanted = text.strip().lower().lstrip("@")
    if wanted:
        pattern = wanted.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        columns = (Actor.name, func.lower(Actor.display_name), func.lower(Account.email))
        query = query.where(or_(*(it.like(f"%{pattern}%", escape="\\") for it in columns)))
    found = page(session, query, Account.actor_id, cursor, lambda actor: actor.id)
    return Page(_with_accounts(session, found.items), found.older, found.newer)


def _with_accounts(session: Session, actors: Sequence[Actor]) -> list[tuple[Actor, Account]]:
    ids = [actor.id for actor in actors]
    rows = session.scalars(select(Account).where(Account.actor_id.in_(ids)))
    by_id = {account.actor_id: account for account in rows}
    return [(actor, by_id[actor.id]) for actor in actors]
