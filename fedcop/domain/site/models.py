"""`site`: the one row about this server."""

from sqlalchemy.orm import Mapped, mapped_column

from fedcop.db.base import Base


class Site(Base):
    """What the server is called. `host` never changes; it is compared with the settings."""

    __tablename__ = "site"
    host: Mapped[str]
    name: Mapped[str]
    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    description: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int | None] = mapped_column(default=None)
    """The instance actor, which signs what the server itself asks for."""
