"""Where do they read now? Whoever read at an inbox that is not there is asked for anew."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Row, Table, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fedcop.app import App
from fedcop.db.among import on_postgresql
from fedcop.domain.communities import audience
from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import RemoteInbox
from fedcop.domain.people.facts import InboxMoved
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.departure import vanish
from fedcop.domain.posts.models import KnownAt
from fedcop.errors import FedcopError, Gone
from fedcop.log import logger
from fedcop.outbox import missing
from fedcop.outbox.models import MissingInbox
from fedcop.work.jobs import Job
from fedcop.work.unit_of_work import UnitOfWork

_log = logger(__name__)

Ask = Callable[[str], Awaitable[object]]
"""Reads an actor anew from its own host, and stores it. Raises FedcopError; Gone for 410."""
_AT_ONCE = 50


async def look(app: App, ask: Ask, inbox_id: int) -> None:
    """Ask those who read there, until one still names this inbox; the job of `LOOK_FOR_INBOX`.

    Who is gone (410, or a Tombstone) is forgotten as a follower and member. Who names another inbox
    gets there what was held back. What is for an inbox that is still named, and was tried often
    enough, is dropped, and said so in the log. Raises Unreachable if their host does not answer.
    """
    readers = await app.read(lambda session: _readers(session, inbox_id, _AT_ONCE))
    unknown = False
    for row in readers:
        reads_there = await _reads_there(app, ask, row.id, row.uri, inbox_id)
        if reads_there:
            await app.db.write(lambda session: _give_up(session, inbox_id))
            return
        unknown = unknown or reads_there is None
    after = _give_up if unknown else _go_on
    await app.db.write(lambda session: after(session, inbox_id))


def follow_inbox(uow: UnitOfWork, fact: InboxMoved) -> None:
    """An actor reads at another address: what they hear of, and what waits, goes there."""
    actor = uow.get(Actor, fact.actor_id)
    audience.move(uow, actor, fact.from_inbox_id)
    if actor.delivery_inbox_id is None:
        return
    uow.write()
    session, old, new = uow.session, fact.from_inbox_id, actor.delivery_inbox_id
    wholly = not _readers(session, old, 1)
    missing.release(session, old, new, wholly=wholly)
    if wholly:
        _rename(session, old, new)


async def _reads_there(app: App, ask: Ask, row_id: int, uri: str, inbox_id: int) -> bool | None:
    """Whether they still name this inbox; None if their host does not show them (404, 403)."""
    try:
        await ask(uri)
    except Gone:
        await app.act(lambda uow: vanish(uow, uow.get(Actor, row_id)))
        _log.info("who read at a missing inbox is gone", actor=uri)
        return False
    except FedcopError as error:
        if error.retry:
            raise
        return None
    reads_at = select(Actor.delivery_inbox_id).where(Actor.id == row_id)
    return await app.read(lambda session: session.scalar(reads_at)) == inbox_id


def _readers(session: Session, inbox_id: int, most: int) -> Sequence[Row[int, str]]:
    """Those of its host whose inbox this is."""
    host_id = select(RemoteInbox.host_id).where(RemoteInbox.id == inbox_id).scalar_subquery()
    query = select(Actor.id, Actor.uri).where(
        Actor.host_id == host_id,
        Actor.delivery_inbox_id == inbox_id,
        Actor.deleted_at.is_(None),
    )
    return session.execute(query.order_by(Actor.id).limit(most)).all()


def _give_up(session: Session, inbox_id: int) -> None:
    """It is still named: from the last try on, what is for it has waited long enough."""
    row = session.get(MissingInbox, inbox_id)
    if row is not None and row.tries >= missing.TRIES:
        dropped = missing.give_up(session, inbox_id)
        uri = session.get_one(RemoteInbox, inbox_id).uri
        _log.warning("an inbox is not there", inbox=uri, since=row.missing_since, dropped=dropped)


def _go_on(session: Session, inbox_id: int) -> None:
    """Ask the next ones; after the last, nobody reads there any more, and nothing is told there."""
    if _readers(session, inbox_id, 1):
        again = {"inbox_id": inbox_id}
        session.add(Job(name=missing.LOOK_FOR_INBOX, payload=again, due_at=datetime.now(UTC)))
        return
    missing.forget(session, [inbox_id])
    host_id = session.get_one(RemoteInbox, inbox_id).host_id
    for table in (Audience, KnownAt):
        theirs = (table.host_id == host_id, table.inbox_id == inbox_id)
        session.execute(delete(table).where(*theirs))


def _rename(session: Session, old: int, new: int) -> None:
    """What posts are known at the old address are known at the new one."""
    host_id = session.get_one(RemoteInbox, new).host_id
    theirs = (KnownAt.host_id == host_id, KnownAt.inbox_id == old)
    there = select(KnownAt.post_id, literal(new), KnownAt.host_id).where(*theirs)
    on = postgresql if on_postgresql(session) else sqlite
    into = on.insert(cast("Table", KnownAt.__table__))
    known = into.from_select(["post_id", "inbox_id", "host_id"], there)
    session.execute(known.on_conflict_do_nothing())
    session.execute(delete(KnownAt).where(*theirs))
