"""One host's turn: what it is owed is brought to it, in order, until it wants no more."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from fedcop.activitypub.client import Delivered
from fedcop.app import App
from fedcop.db.among import among_named
from fedcop.domain.network.models import Activity, Host, RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.errors import FedcopError, Unreachable
from fedcop.ids import minted_at
from fedcop.log import logger
from fedcop.net.reasons import reason_of
from fedcop.outbox import parking, queue
from fedcop.outbox.dialects import View
from fedcop.outbox.health import (
    SILENCE,
    UNPROVED,
    Hearer,
    Outcome,
    Verdict,
    stops_the_host,
    verdict,
)
from fedcop.outbox.models import MissingInbox
from fedcop.outbox.queue import Due
from fedcop.outbox.spreading import spread

_log = logger("fedcop.outbox.deliver")

_AT_ONCE = 20
_A_TURN = 2.0
"""Seconds after which a host's turn ends, so that what it was brought is settled: what is not
settled when the server dies is brought again."""


@dataclass(frozen=True, slots=True)
class Load:
    """What some hosts are brought now, and everything that is needed for it."""

    turns: Sequence[tuple[Hearer, Sequence[Due]]] = ()
    activities: Mapping[int, Activity] | None = None
    inboxes: Mapping[int, str] | None = None
    actors: Mapping[str, int] | None = None
    missing: Set[int] = frozenset()
    """The inboxes that were not there when they were last tried."""
    closed: Set[int] = frozenset()
    """Those of them whose next try is later."""
    more: bool = False
    """There is more to spread at once."""


def load(session: Session, now: datetime, room: int, each: int) -> Load:
    """Spread what was told if the queue is low, and lease up to `room` hosts."""
    parking.welcome_back(session, now)
    told = spread(session, _AT_ONCE) if queue.is_low(session, now) else 0
    due = queue.claim(session, now, hosts=room, each=each)
    if not due:
        return Load(more=told == _AT_ONCE)
    rows: dict[int, list[Due]] = {}
    for row in due:
        rows.setdefault(row.host_id, []).append(row)
    activities = session.scalars(_ACTIVITIES, {"ids": {row.activity_id for row in due}}).all()
    addresses = session.execute(_INBOXES, {"ids": {row.inbox_id for row in due}}).all()
    speakers = session.execute(_SPEAKERS, {"uris": {activity.actor_uri for activity in activities}})
    return Load(
        turns=[(Hearer(*it), rows[it.id]) for it in session.execute(_HEARERS, {"ids": rows})],
        activities={activity.id: activity for activity in activities},
        inboxes={row[0]: row[1] for row in addresses},
        actors=dict(speakers.all()),
        missing=frozenset(row[0] for row in addresses if row[2]),
        closed=frozenset(row[0] for row in addresses if row[3] is not None),
        more=told == _AT_ONCE,
    )


_HOSTS = cast("Table", Host.__table__)
_HEARERS = select(*(_HOSTS.c[name] for name in Hearer._fields)).where(
    among_named(_HOSTS.c.id, "ids")
)
_ACTIVITIES = select(Activity).where(among_named(Activity.id, "ids"))
_INBOXES = (
    select(RemoteInbox.id, RemoteInbox.uri, MissingInbox.tries, MissingInbox.next_try_at)
    .outerjoin(MissingInbox, MissingInbox.inbox_id == RemoteInbox.id)
    .where(among_named(RemoteInbox.id, "ids"))
)
_SPEAKERS = select(Actor.uri, Actor.id).where(Actor.uri.in_(bindparam("uris", expanding=True)))


async def bring(app: App, load: Load, rows: Sequence[Due], outcome: Outcome) -> None:
    """Bring these rows of one host, lane by lane; `outcome` notes what became of them.

    What has to wait holds up its own lane; no answer, or one that asks for patience, holds up all.
    What is for an inbox that is not there is held back, and holds up nothing.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + _A_TURN
    waiting_lanes: set[int] = set()
    for due in rows:
        if due.lane in waiting_lanes:
            continue
        began = loop.time()
        if began > end:
            break
        activity = (load.activities or {})[due.activity_id]
        if not activity.body:  # its words were deleted meanwhile
            outcome.settle(due, Verdict.DROPPED)
            continue
        if due.inbox_id in load.closed or due.inbox_id in outcome.missed:
            outcome.hold(due)
            continue
        status = await _deliver(app, load, activity, due, outcome)
        result = _result(due, status)
        app.metrics.delivered.labels(outcome=result.value).inc()
        _say(activity, outcome, result, status, began)
        if result is Verdict.LATER:
            waiting_lanes.add(due.lane)
            if status is None or stops_the_host(status):
                break
        elif result is Verdict.MISSING and status is not None:
            outcome.miss(due, status)
        else:
            outcome.settle(due, result)
            if due.inbox_id in load.missing:
                outcome.found.add(due.inbox_id)


async def _deliver(
    app: App, load: Load, activity: Activity, due: Due, outcome: Outcome
) -> int | None:
    """The status of the answer; None if there was none. What cannot be sent is as if refused.

    Puts off what may be delivered later.
    """
    try:
        answer = await _post(app, load, activity, due, outcome)
    except Unreachable as error:
        outcome.tried += 1
        outcome.put_off(str(reason_of(error)))
        return None
    except FedcopError as error:
        _log.error("cannot be delivered", host=outcome.host.name, error=str(error))
        return 400
    outcome.tried += 1
    outcome.spec, outcome.page = answer.spec, outcome.page or answer.page
    if verdict(answer.status) is Verdict.LATER:
        why = f"It answered {answer.status}."
        outcome.put_off(why, answer.status, answer.retry_after)
    return answer.status


async def _post(app: App, load: Load, activity: Activity, due: Due, outcome: Outcome) -> Delivered:
    body = activity.body
    if outcome.host.view == View.NOTE and activity.note_body is not None:
        body = activity.note_body
    key = await app.key_of((load.actors or {})[activity.actor_uri])
    inbox = (load.inboxes or {})[due.inbox_id]
    await app.traffic.turn()
    return await app.client.post(inbox, body, key, spec=outcome.spec)


def _say(
    activity: Activity, outcome: Outcome, result: Verdict, status: int | None, began: float
) -> None:
    _log.info(
        "delivery",
        host=outcome.host.name,
        activity=activity.uri,
        type=activity.type,
        outcome=result.value,
        status=status,
        ms=round((asyncio.get_running_loop().time() - began) * 1000),
    )


def _result(due: Due, status: int | None) -> Verdict:
    """No answer, and what may pass: later, unless this very activity has waited for too long.

    That is a week; a day for a 401, which holds up all others of its lane (a key that is read anew
    is read by then).
    """
    result = Verdict.LATER if status is None else verdict(status)
    if result is not Verdict.LATER or status is None:
        return result
    age = datetime.now(UTC) - minted_at(due.activity_id)
    if status == 401 and age > UNPROVED:
        return Verdict.REFUSED
    return Verdict.DROPPED if age > SILENCE else result
