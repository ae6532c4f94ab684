"""Sessions in a browser: begun, found, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fedcop.domain.access.models import Credential, SignIn
from fedcop.domain.access.tokens import digest, new_token
from fedcop.domain.people.models import Account, Actor
from fedcop.errors import NotFound
from fedcop.ids import minted_at
from fedcop.work.unit_of_work import UnitOfWork

LASTS = timedelta(days=60)
FRESH = timedelta(minutes=15)
"""For so long a session stands for a password that its owner may never have had."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking: the account and its actor."""

    account: Account
    actor: Actor


def begin(uow: UnitOfWork, account_id: int, agent: str = "") -> str:
    """Start a session; the token is for the cookie, and is not kept."""
    token = new_token()
    session = SignIn(
        token_hash=digest(token),
        account_id=account_id,
        expires_at=uow.now + LASTS,
        agent=agent[:200],
    )
    uow.add(session)
    return token


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Whose session this is; None if it is over, unknown, or the account is suspended."""
    query = (
        select(Account, Actor)
        .join(SignIn, SignIn.account_id == Account.actor_id)
        .join(Actor, Actor.id == Account.actor_id)
        .where(SignIn.token_hash == digest(token), SignIn.expires_at > now)
        .where(Account.suspended_at.is_(None), Actor.deleted_at.is_(None))
    )
    row = session.execute(query).first()
    return SignedIn(row[0], row[1]) if row else None


def sessions_of(session: Session, account_id: int, now: datetime) -> Sequence[SignIn]:
    """Where this account is signed in, the latest first."""
    query = select(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at > now)
    return session.scalars(query.order_by(SignIn.id.desc())).all()


def session_id(session: Session, token: str) -> int | None:
    """The row of the session that this token opens."""
    return session.scalar(select(SignIn.id).where(SignIn.token_hash == digest(token)))


def is_fresh(session: Session, token: str, now: datetime) -> bool:
    """Whether somebody came in just now: a link or a password was used a quarter hour ago."""
    row_id = session_id(session, token)
    return row_id is not None and now - minted_at(row_id) <= FRESH


def end_one(uow: UnitOfWork, account_id: int, row_id: int) -> None:
    """Sign out on one device. Raises NotFound for what is no session of this account."""
    session = uow.session.get(SignIn, row_id)
    if session is None or session.account_id != account_id:
        raise NotFound("You are not signed in there any more.")
    uow.session.delete(session)


def end(uow: UnitOfWork, token: str) -> None:
    """Sign out: the token opens nothing any more."""
    uow.session.execute(delete(SignIn).where(SignIn.token_hash == digest(token)))


def end_all(uow: UnitOfWork, account_id: int) -> None:
    """Sign out everywhere, as after a change of password."""
    uow.session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def password_of(session: Session, name: str) -> tuple[int, str | None] | None:
    """The account with this name or e-mail address, and the hash of its password if it has one."""
    wanted = name.strip().lower().lstrip("@")
    query = (
        select(Account.actor_id, Credential.password_hash)
        .join(Actor, Actor.id == Account.actor_id)
        .join(Credential, Credential.account_id == Account.actor_id, isouter=True)
        .where(Account.suspended_at.is_(None))
    )
    is_address = "@" in wanted
    by = func.lower(Account.email) == wanted if is_address else Actor.name == wanted
    row = session.execute(query.where(by)).first()
    return (row[0], row[1]) if row else None


def set_password(uow: UnitOfWork, account_id: int, password_hash: str) -> None:
    """Keep this hash as the account's password, and end all its sessions."""
    credential = uow.session.get(Credential, account_id)
    if credential is None:
        uow.add(Credential(account_id=account_id, password_hash=password_hash))
    else:
        credential.password_hash = password_hash
    end_all(uow, account_id)
