"""`site`, `wordings`: the one row about this server, and written texts with their versions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.people.models import Actor


class Site(Base):
    """What the server is called. `host` never changes; it is compared with the settings."""

    __tablename__ = "site"
    host: Mapped[str]
    name: Mapped[str]
    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    description: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int | None] = mapped_column(default=None)
    """The instance actor, which signs what the server itself asks for."""
    legal_name: Mapped[str] = mapped_column(default="")
    """The organization that answers for the server, as the law knows it."""
    contact: Mapped[str] = mapped_column(default="")
    """Where to write to it: an e-mail address."""
    postal_address: Mapped[str] = mapped_column(default="")


class Text(StrEnum):
    """Which text of a community, or of the server (whose subject is the instance actor)."""

    CHARTER = "charter"
    GUIDELINES = "guidelines"
    """How people treat each other in a community; on the server: its rules."""
    PRIVACY = "privacy"


class Wording(HasId, Base):
    """One version of such a text; the newest is in force."""

    __tablename__ = "wordings"
    subject_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="")
    """Markdown."""
    html: Mapped[str] = mapped_column(default="")
    """Clean."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"), default=None)
    subject: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=subject_id)
    __table_args__ = (Index(None, "subject_id", "text", "id"),)
