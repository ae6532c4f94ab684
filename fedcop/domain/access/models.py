"""`credentials`, `sessions`, `links`: what lets a person in."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.people.models import Account


class Credential(Base):
    """A password, as an Argon2id hash."""

    __tablename__ = "credentials"
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.actor_id"), primary_key=True, autoincrement=False
    )
    password_hash: Mapped[str]
    account: Mapped[Account] = relationship(init=False, lazy="raise")


class SignIn(HasId, Base):
    """A session in a browser; only a hash of its token is kept."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.actor_id"), index=True)
    expires_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(default="")
    account: Mapped[Account] = relationship(init=False, lazy="raise")


class Link(HasId, Base):
    """A one-time link: to sign in (`enter`), or to sign up (`invite`), perhaps into a community."""

    __tablename__ = "links"
    token_hash: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.actor_id"), default=None, index=True
    )
    community_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    role: Mapped[str] = mapped_column(default="member")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    account: Mapped[Account | None] = relationship(init=False, lazy="raise")
