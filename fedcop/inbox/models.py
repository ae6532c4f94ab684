"""`inbox_messages`: what was accepted and is still to be processed, byte for byte."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fedcop.db.base import Base, HasId


class InboxMessage(HasId, Base):
    """One accepted activity. `key` is the signer's host and the activity's id: unique for ever."""

    __tablename__ = "inbox_messages"
    key: Mapped[str] = mapped_column(unique=True)
    body: Mapped[bytes]
    signer_uri: Mapped[str]
    """The actor whose key signed the request."""
    due_at: Mapped[datetime]
    """When to process it. Set ahead while somebody fetches what it refers to (the lease)."""
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(default=None)
    waiting_for: Mapped[str | None] = mapped_column(default=None)
    """The post that has to arrive first; its arrival makes the message due."""
    __table_args__ = (
        Index(
            "ix_inbox_messages_waiting_for",
            "waiting_for",
            sqlite_where=text("waiting_for IS NOT NULL"),
            postgresql_where=text("waiting_for IS NOT NULL"),
        ),
        Index(
            "ix_inbox_messages_dead",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(
            "ix_inbox_messages_next",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_inbox_messages_waiting",
            "due_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
