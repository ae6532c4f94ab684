"""The `jobs` table: what may be done later, in a transaction of its own."""

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from fedcop.db.base import Base
from fedcop.work.queue import Queued


class Job(Queued, Base):
    """One thing to do: a name from the wiring's table and what it needs to know, as JSON."""

    __tablename__ = "jobs"
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
