"""One-time links: to sign in without a password, and to be invited."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.access.models import Link
from fedcop.domain.access.sessions import set_password
from fedcop.domain.access.tokens import digest, new_token
from fedcop.domain.people.keys import FreshKeys
from fedcop.domain.people.models import Actor
from fedcop.domain.people.register import register
from fedcop.errors import NotFound, Sentence
from fedcop.work.unit_of_work import UnitOfWork

ENTER = "enter"
INVITE = "invite"
_STALE = Sentence(
    "This link has been used or is too old. Ask for a new one from whoever sent it to you."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation leads to: a role here, perhaps a community, and who sent it."""

    role: str
    community_id: int | None
    invited_by: Actor | None


def issue_enter(uow: UnitOfWork, account_id: int, hours: int = 24) -> str:
    """A token for one sign-in to this account."""
    until = uow.now + timedelta(hours=hours)
    return _issue(uow, Link(token_hash="", purpose=ENTER, account_id=account_id, expires_at=until))


def issue_invite(
    uow: UnitOfWork,
    by: Actor | None = None,
    community_id: int | None = None,
    role: str = "member",
    days: int = 14,
) -> str:
    """A token for one sign-up with this role on the server, perhaps into a community."""
    link = Link(
        token_hash="",
        purpose=INVITE,
        community_id=community_id,
        role=role,
        invited_by_id=by.id if by else None,
        expires_at=uow.now + timedelta(days=days),
    )
    return _issue(uow, link)


def enter(uow: UnitOfWork, token: str) -> int:
    """Use up a sign-in link; the id of its account. Raises NotFound if it opens nothing."""
    link = _usable(uow.session, token, ENTER, uow.now)
    link.used_at = uow.now
    if link.account_id is None:
        raise NotFound(_STALE)
    return link.account_id


def can_enter(session: Session, token: str, now: datetime) -> None:
    """Raise NotFound unless this sign-in link is still good; it is not used up."""
    _usable(session, token, ENTER, now)


def invitation(session: Session, token: str, now: datetime) -> Invitation:
    """What this invitation offers. Raises NotFound if it is used, too old or unknown."""
    link = _usable(session, token, INVITE, now)
    by = session.get(Actor, link.invited_by_id) if link.invited_by_id else None
    return Invitation(link.role, link.community_id, by)


def accept(
    uow: UnitOfWork,
    token: str,
    *,
    name: str,
    display_name: str,
    password_hash: str | None,
    keys: FreshKeys,
) -> Actor:
    """Sign up by invitation, which is used up. Raises NotFound, or Invalid with fields.

    Joining the community of the invitation is the caller's next step: `communities.join`.
    """
    link = _usable(uow.session, token, INVITE, uow.now)
    actor = register(uow, name=name, display_name=display_name, keys=keys, role=link.role)
    link.used_at = uow.now
    if password_hash is not None:
        uow.write()
        set_password(uow, actor.id, password_hash)
    return actor


def _issue(uow: UnitOfWork, link: Link) -> str:
    token = new_token()
    link.token_hash = digest(token)
    uow.add(link)
    return token


def _usable(session: Session, token: str, purpose: str, now: datetime) -> Link:
    query = (
        select(Link)
        .where(Link.token_hash == digest(token), Link.purpose == purpose)
        .where(Link.used_at.is_(None), Link.expires_at > now)
        .with_for_update()
    )
    link = session.scalar(query)
    if link is None:
        raise NotFound(_STALE)
    return link
