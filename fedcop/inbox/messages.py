"""The rows of `inbox_messages`: kept, claimed, leased, settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fedcop.db.columns import LONG_AGO
from fedcop.db.notify import notify
from fedcop.errors import FedcopError, Temporary
from fedcop.ids import minted_at
from fedcop.inbox.inbound import Awaiting
from fedcop.inbox.models import InboxMessage
from fedcop.work.queue import GIVE_UP_AFTER, State, back_off

LEASE = timedelta(minutes=2)
_CHUNK = 500
_TABLE = cast("Table", InboxMessage.__table__)

# Put together once: what a statement is made of costs more than what it asks.
_KEEP = {
    name: insert(_TABLE).on_conflict_do_nothing(index_elements=["key"])
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_DONE = (
    update(_TABLE)
    .where(_TABLE.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=State.DONE, body=b"", waiting_for=None, error=None)
)
_WAKEN = (
    update(_TABLE)
    .where(_TABLE.c.waiting_for.in_(bindparam("uris", expanding=True)))
    .where(_TABLE.c.state == State.WAITING)
    .values(due_at=bindparam("now"), waiting_for=None)
)


@dataclass(frozen=True, slots=True)
class Message:
    """An accepted message that is due."""

    id: int
    body: bytes
    signer: str
    attempts: int = 0

    @property
    def received_at(self) -> datetime:
        return minted_at(self.id)


def keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write down accepted messages; one whose key is there already changes nothing."""
    session.execute(_KEEP[session.get_bind().dialect.name], rows)


def claim(
    session: Session,
    now: datetime,
    limit: int,
    *,
    ready: Collection[int] = (),
    busy: Collection[int] = (),
) -> list[Message]:
    """Up to `limit` messages in order of arrival: those due, and those of ours that are `ready`.

    They stay locked until the transaction ends. `busy` ones, for which this process fetches, are
    left out even when their lease is over.
    """
    given = {"now": now, "ready": list(ready), "busy": list(busy), "most": limit}
    return [Message(*row) for row in session.execute(_BESIDE_BUSY if busy else _DUE, given)]


def _due(*also: ColumnElement[bool]) -> Select[int, bytes, str, int]:
    is_ready = InboxMessage.id.in_(bindparam("ready", expanding=True))
    return (
        select(InboxMessage.id, InboxMessage.body, InboxMessage.signer_uri, InboxMessage.attempts)
        .where(InboxMessage.state == State.WAITING, *also)
        .where(or_(InboxMessage.due_at <= bindparam("now"), is_ready))
        .order_by(InboxMessage.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_DUE = _due()
_BESIDE_BUSY = _due(InboxMessage.id.not_in(bindparam("busy", expanding=True)))


def lease(session: Session, ids: Collection[int], until: datetime) -> None:
    """Let nobody else take these before `until`."""
    _change(session, ids, due_at=until)


def give_back(session: Session, ids: Sequence[int]) -> None:
    """What was leased is due, for whoever takes it."""
    for start in range(0, len(ids), _CHUNK):
        lease(session, ids[start : start + _CHUNK], LONG_AGO)
    notify(session, ["inbox"])


def free_all(session: Session) -> None:
    """End every lease of a message: for the start of the only worker there is.

    One that was killed held them. What was tried before may wait for its next time: it stays.
    """
    now = datetime.now(UTC)
    held = (InboxMessage.state == State.WAITING) & (InboxMessage.due_at > now)
    untried = InboxMessage.attempts == 0
    _run(session, update(InboxMessage).where(held, untried).values(due_at=LONG_AGO))


def done(session: Session, ids: Collection[int]) -> None:
    """Settle messages; the key stays for ever, so that a second delivery is known."""
    if ids:
        session.execute(_DONE, {"ids": list(ids)})


def failed(session: Session, message: Message, error: Exception, now: datetime) -> bool:
    """Let a message wait if the trouble passes, else keep it as dead; True if it is dead."""
    words = (str(error) if isinstance(error, FedcopError) else repr(error))[:500]
    waits = isinstance(error, FedcopError) and error.retry
    if not waits or now - message.received_at >= GIVE_UP_AFTER:
        _change(session, [message.id], state=State.DEAD, error=words, waiting_for=None)
        return True
    after = timedelta(seconds=error.after) if isinstance(error, Temporary) else timedelta()
    attempts = message.attempts + 1
    _change(
        session,
        [message.id],
        attempts=attempts,
        due_at=now + max(back_off(attempts), after),
        error=words,
        waiting_for=error.uri if isinstance(error, Awaiting) else None,
    )
    return False


def waken(session: Session, uris: Collection[str], now: datetime) -> None:
    """What waited for one of these posts is due."""
    if uris:
        session.execute(_WAKEN, {"uris": list(uris), "now": now})


def _change(session: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        _run(session, update(InboxMessage).where(InboxMessage.id.in_(ids)).values(values))


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})
