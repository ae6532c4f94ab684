"""Brings what was said to other servers: many hosts at once, each in order, at its own pace."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub import nodeinfo
from fedcop.activitypub.client import Delivered
from fedcop.app import App
from fedcop.domain.network.models import Activity, Host, RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.errors import Busy, FedcopError, Unreachable
from fedcop.ids import minted_at
from fedcop.log import logger
from fedcop.net.reasons import reason_of
from fedcop.outbox import parking, peers, queue
from fedcop.outbox.dialects import View
from fedcop.outbox.health import SILENCE, Outcome, Verdict, stops_the_host, verdict
from fedcop.outbox.queue import Due

_log = logger(__name__)

_BELL = "outbox"
_HOUSEKEEPING = timedelta(minutes=10)
_IDLE = 5.0
_AT_ONCE = 20
_A_TURN = 60.0
"""Seconds after which a host's turn ends; its lease lasts twice as long."""
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Load:
    """What some hosts are brought now, and everything that is needed for it."""

    turns: Sequence[tuple[Host, Sequence[Due]]]
    activities: Mapping[int, Activity]
    inboxes: Mapping[int, str]
    actors: Mapping[str, int]
    more: bool = False


class Deliverer:
    """The delivery worker. Any number of them may work on one PostgreSQL database."""

    def __init__(self, app: App, *, hosts: int = 100, each: int = 50) -> None:
        self._app, self._hosts, self._each = app, hosts, each
        self._turns: dict[int, asyncio.Task[None]] = {}
        self._done: list[Outcome] = []
        self._asking: set[int] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._kept_house_at: datetime | None = None
        self._ask: peers.Ask = partial(
            nodeinfo.fetch, app.client.client, development=app.settings.development
        )

    async def run_once(self) -> int:
        """One round from beginning to end: returns how many deliveries were tried."""
        for errand in await self._errands_of(_now()):
            await errand
        await self._start()
        if self._turns:
            await asyncio.wait(self._turns.values())
        tried = sum(outcome.tried for outcome in self._done)
        await self._settle()
        return tried

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is on its way then gets ten seconds to arrive."""
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                pause = await self._round()
                bell = asyncio.create_task(self._app.wake.wait(_BELL, pause))
                await asyncio.wait({bell, stopped}, return_when=asyncio.FIRST_COMPLETED)
                await _cancelled(bell)
        finally:
            await _cancelled(stopped)
            await self._leave()

    async def _round(self) -> float:
        """Settle what is done, begin what can begin; returns how long to wait for the bell."""
        try:
            await self._settle()
            for errand in await self._errands_of(_now()):
                self._send_on(errand)
            if await self._start():
                return 0.0
            now = _now()
            due = await self._app.read(lambda session: queue.next_due(session, now))
        except Busy:
            return 1.0
        except Exception:  # noqa: BLE001  the worker must outlive whatever one round met
            _log.exception("a round of deliveries failed")
            return _IDLE
        return _IDLE if due is None else min(max((due - now).total_seconds(), 1.0), _IDLE)

    # what is asked of hosts before they are told anything

    async def _errands_of(self, now: datetime) -> list[Coroutine[Any, Any, None]]:
        """NodeInfo of those who wait for it; now and then, of all, and a probe of the parked."""
        errands: list[Coroutine[Any, Any, None]] = []
        strangers = await self._app.read(peers.strangers)
        if self._kept_house_at is None or now - self._kept_house_at > _HOUSEKEEPING:
            self._kept_house_at = now
            strangers |= await self._app.read(lambda session: peers.grown_old(session, now))
            errands.append(self._probe(now))
        new = {row_id: name for row_id, name in strangers.items() if row_id not in self._asking}
        if new:
            self._asking |= new.keys()
            errands.append(self._learn(new))
        return errands

    async def _learn(self, hosts: Mapping[int, str]) -> None:
        try:
            heard = await peers.ask_all(self._ask, hosts)
            now = _now()
            await self._app.db.write(lambda session: peers.note_down(session, heard, now))
        finally:
            self._asking -= hosts.keys()
        self._app.wake.call(_BELL)

    async def _probe(self, now: datetime) -> None:
        """Ask the parked hosts whose day has come for anything at all."""
        await self._app.db.write(lambda session: queue.forget_told(session, now))
        if not await self._app.read(lambda session: parking.due(session, now)):
            return
        hosts = await self._app.db.write(lambda session: parking.claim_probes(session, now))
        heard = await peers.ask_all(self._ask, hosts)
        back = [host_id for host_id, answer in heard.items() if answer.reachable]
        if back:
            await self._app.db.write(lambda session: parking.unpark(session, back))
            self._app.wake.call(_BELL)

    def _send_on(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._came_back)

    def _came_back(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("an errand of the delivery worker failed", error=str(error))

    # bringing

    async def _start(self) -> bool:
        """Spread, claim, and begin the turns of hosts; True if there is more to spread at once."""
        now, room = _now(), self._hosts - len(self._turns)
        if room <= 0 or not await self._app.read(lambda session: parking.has_work(session, now)):
            return False
        load = await self._app.db.write(lambda session: _load(session, now, room, self._each))
        for host, rows in load.turns:
            outcome = Outcome(host, spec=host.signature_spec)
            task = asyncio.create_task(self._bring(load, rows, outcome))
            self._turns[host.id] = task
            task.add_done_callback(partial(self._finished, outcome))
        return load.more

    def _finished(self, outcome: Outcome, task: asyncio.Task[None]) -> None:
        del self._turns[outcome.host.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a turn failed", host=outcome.host.name, exc_info=error)
            outcome.put_off(f"An error on our side: {error!r}", ours=True)
        self._done.append(outcome)
        self._app.wake.call(_BELL)

    async def _bring(self, load: Load, rows: Sequence[Due], outcome: Outcome) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _A_TURN
        waiting_lanes: set[int] = set()
        for due in rows:
            if due.lane in waiting_lanes:
                continue
            if loop.time() > end:
                break
            if not load.activities[due.activity_id].body:  # its words were deleted meanwhile
                outcome.settle(due, Verdict.DROPPED, None)
                continue
            began = loop.time()
            status = await self._deliver(load, due, outcome)
            result = _result(due, status)
            self._say(load.activities[due.activity_id], outcome, result, status, began)
            if result is Verdict.LATER:
                waiting_lanes.add(due.lane)
                if status is None or stops_the_host(status):
                    break
            else:
                outcome.settle(due, result, status)

    async def _deliver(self, load: Load, due: Due, outcome: Outcome) -> int | None:
        """The status of the answer; None if there was none. What cannot be sent is as if refused.

        Puts off what may be delivered later.
        """
        try:
            answer = await self._post(load, due, outcome)
        except Unreachable as error:
            outcome.tried += 1
            outcome.put_off(str(reason_of(error)))
            return None
        except FedcopError as error:
            _log.error("cannot be delivered", host=outcome.host.name, error=str(error))
            return 400
        outcome.tried += 1
        outcome.spec = answer.spec
        if verdict(answer.status) is Verdict.LATER:
            why = f"It answered {answer.status}."
            outcome.put_off(why, answer.status, answer.retry_after)
        return answer.status

    async def _post(self, load: Load, due: Due, outcome: Outcome) -> Delivered:
        activity = load.activities[due.activity_id]
        body = activity.body
        if outcome.host.view == View.NOTE and activity.note_body is not None:
            body = activity.note_body
        key = await self._app.key_of(load.actors[activity.actor_uri])
        inbox = load.inboxes[due.inbox_id]
        return await self._app.client.post(inbox, body, key, spec=outcome.spec)

    def _say(
        self,
        activity: Activity,
        outcome: Outcome,
        result: Verdict,
        status: int | None,
        began: float,
    ) -> None:
        self._app.metrics.delivered.labels(outcome=result.value).inc()
        _log.info(
            "delivery",
            host=outcome.host.name,
            activity=activity.uri,
            type=activity.type,
            outcome=result.value,
            status=status,
            ms=round((asyncio.get_running_loop().time() - began) * 1000),
        )

    # settling

    async def _settle(self) -> None:
        done = self._done[:]
        if not done:
            return
        now = _now()
        await self._app.db.write(lambda session: _settle(session, done, now))
        del self._done[: len(done)]
        self._app.wake.call(_BELL)

    async def _leave(self) -> None:
        """Let what is on its way arrive, drop the rest, and free the hosts."""
        under_way = {*self._turns.values(), *self._errands}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_GRACE)
            for task in late:
                await _cancelled(task)
        with suppress(Busy):
            await self._settle()


def _load(session: Session, now: datetime, room: int, each: int) -> Load:
    parking.welcome_back(session, now)
    spread = queue.spread(session, _AT_ONCE) if queue.is_low(session, now) else 0
    due = queue.claim(session, now, hosts=room, each=each)
    rows: dict[int, list[Due]] = {}
    for row in due:
        rows.setdefault(row.host_id, []).append(row)
    hosts = session.scalars(select(Host).where(Host.id.in_(rows))).all()
    activities = session.scalars(
        select(Activity).where(Activity.id.in_({row.activity_id for row in due}))
    ).all()
    inboxes = select(RemoteInbox.id, RemoteInbox.uri).where(
        RemoteInbox.id.in_({row.inbox_id for row in due})
    )
    speakers = select(Actor.uri, Actor.id).where(
        Actor.uri.in_({activity.actor_uri for activity in activities})
    )
    return Load(
        turns=[(host, rows[host.id]) for host in hosts],
        activities={activity.id: activity for activity in activities},
        inboxes=dict(session.execute(inboxes).all()),
        actors=dict(session.execute(speakers).all()),
        more=spread == _AT_ONCE,
    )


def _settle(session: Session, done: Sequence[Outcome], now: datetime) -> None:
    queue.settle(session, [due for outcome in done for due in outcome.settled])
    after = {outcome.host.id: outcome.after(now) for outcome in done}
    queue.free(session, after)
    for outcome in done:
        if after[outcome.host.id]["parked"]:
            parking.park(session, outcome.host, now)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _result(due: Due, status: int | None) -> Verdict:
    """No answer, and what may pass: later, unless this very activity has waited for a week."""
    result = Verdict.LATER if status is None else verdict(status)
    if result is Verdict.LATER and status is not None:
        too_old = _now() - minted_at(due.activity_id) > SILENCE
        return Verdict.DROPPED if too_old else result
    return result


def _now() -> datetime:
    return datetime.now(UTC)
