"""`notifications`: what concerns a person here, and why."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fedcop.db.base import Base, HasId
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


class Notification(HasId, Base):
    """Somebody replied to a person here (`reply`) or named them (`mention`)."""

    __tablename__ = "notifications"
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.actor_id"))
    reason: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    actor: Mapped[Actor] = relationship(init=False, lazy="raise", foreign_keys=actor_id)
    post: Mapped[Post] = relationship(init=False, lazy="raise")
    __table_args__ = (Index(None, "account_id", "id"),)
