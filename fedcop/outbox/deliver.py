"""Brings what was said to other servers: many hosts at once, each in order, at its own pace."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from fedcop.activitypub import nodeinfo
from fedcop.app import App
from fedcop.errors import Busy
from fedcop.log import logger
from fedcop.outbox import missing, parking, peers, queue
from fedcop.outbox.bringing import Load, bring, load
from fedcop.outbox.health import Outcome

_log = logger(__name__)

_BELL = "outbox"
_HOUSEKEEPING = timedelta(minutes=10)
_IDLE = 5.0
"""Seconds after which a look is taken at the latest: by then leases have to be renewed, too."""
_GRACE = 10.0
_APART = 0.2
"""Seconds between two rounds while pages are asked for."""
_BESIDE_PAGES = 5
"""So much each host is brought in one turn while pages are asked for: it is all read at once."""
_TOGETHER, _LINGER = 100, 0.05
"""What so many hosts were brought is settled at once, or after so many seconds."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there is to do: who is to be asked, whether anything is due now, else when it is."""

    strangers: dict[int, str]
    work: bool
    due: datetime | None


class Deliverer:
    """The delivery worker. Any number of them may work on one PostgreSQL database.

    It speaks with at most `hosts` at a time, and brings at most `each` things in one turn.
    """

    def __init__(self, app: App, *, hosts: int = 300, each: int = 50) -> None:
        self._app, self._hosts, self._each = app, hosts, each
        self._turns: dict[int, asyncio.Task[None]] = {}
        self._done: list[Outcome] = []
        self._enough = asyncio.Event()
        self._asking: set[int] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._kept_house_at: datetime | None = None
        self._renewed_at = _now()
        self._looked_at = 0.0
        self._ask: peers.Ask = partial(
            nodeinfo.fetch, app.client.client, development=app.settings.development
        )

    async def run_once(self) -> int:
        """One round from beginning to end: returns how many deliveries were tried."""
        for errand in self._errands_of((await self._look()).strangers):
            await errand
        await self._step(work=True)
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
                enough = asyncio.create_task(self._enough.wait())
                await asyncio.wait({bell, enough, stopped}, return_when=asyncio.FIRST_COMPLETED)
                await _cancelled(bell)
                await _cancelled(enough)
                await self._let_pass()
        finally:
            await _cancelled(stopped)
            await self._leave()

    async def _let_pass(self) -> None:
        """While pages are asked for: what comes within a moment is looked at together."""
        now = asyncio.get_running_loop().time()
        if self._app.traffic.is_lively and now < self._looked_at + _APART:
            await asyncio.sleep(self._looked_at + _APART - now)
        self._looked_at = asyncio.get_running_loop().time()

    async def _round(self) -> float:
        """Settle what is done, begin what can begin; returns how long to wait for the bell."""
        try:
            seen = await self._look()
            for errand in self._errands_of(seen.strangers):
                self._send_on(errand)
            await asyncio.sleep(0)
            if await self._step(work=seen.work):
                return 0.0
        except Busy:
            return 1.0
        except Exception:  # noqa: BLE001  the worker must outlive whatever one round met
            _log.exception("a round of deliveries failed")
            return _IDLE
        if seen.work:
            return 1.0
        wait = _IDLE if seen.due is None else (seen.due - _now()).total_seconds()
        return min(max(wait, 1.0), _IDLE)

    async def _look(self) -> _Seen:
        """What there is to do, by one read."""
        now = _now()
        tidy = self._kept_house_at is None or now - self._kept_house_at > _HOUSEKEEPING

        def look(session: Session) -> _Seen:
            strangers = peers.strangers(session)
            if tidy:
                strangers |= peers.grown_old(session, now)
            work = parking.has_work(session, now)
            return _Seen(strangers, work, None if work else queue.next_due(session, now))

        return await self._app.read(look)

    # what is asked of hosts before they are told anything

    def _errands_of(self, strangers: Mapping[int, str]) -> list[Coroutine[Any, Any, None]]:
        """NodeInfo of those who wait for it; now and then, of all, and a probe of the parked."""
        now = _now()
        errands: list[Coroutine[Any, Any, None]] = []
        if self._kept_house_at is None or now - self._kept_house_at > _HOUSEKEEPING:
            self._kept_house_at = now
            errands += [self._probe(now), self._try_missing(now)]
        new = {row_id: name for row_id, name in strangers.items() if row_id not in self._asking}
        if new:
            self._asking |= new.keys()
            errands.append(self._learn(new))
        return errands

    async def _learn(self, hosts: Mapping[int, str]) -> None:
        try:
            heard = await peers.ask_all(self._ask, hosts)
            now = _now()
            await self._app.db.write(
                lambda session: peers.note_down(session, heard, now), behind=True
            )
        finally:
            self._asking -= hosts.keys()
        self._app.wake.call(_BELL)

    async def _probe(self, now: datetime) -> None:
        """Ask the parked hosts whose day has come for anything at all."""
        await self._app.db.write(lambda session: queue.forget_told(session, now), behind=True)
        if not await self._app.read(lambda session: parking.due(session, now)):
            return
        hosts = await self._app.db.write(
            lambda session: parking.claim_probes(session, now), behind=True
        )
        heard = await peers.ask_all(self._ask, hosts)
        back = [host_id for host_id, answer in heard.items() if answer.reachable]
        if back:
            await self._app.db.write(lambda session: parking.unpark(session, back), behind=True)
            self._app.wake.call(_BELL)

    async def _try_missing(self, now: datetime) -> None:
        """Let the inboxes that were not there be tried again, if it is time."""
        if await self._app.read(lambda session: missing.due(session, now)):
            await self._app.db.write(lambda session: missing.bring_back(session, now), behind=True)
            self._app.wake.call(_BELL)

    def _send_on(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._came_back)

    def _came_back(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("an errand of the delivery worker failed", error=str(error))

    # turns

    async def _step(self, *, work: bool) -> bool:
        """Settle and claim in one transaction; True if there is more to spread at once.

        `work`: a look has shown some. If it has not, what is settled may have made some.
        """
        now = _now()
        done = self._done[:]
        self._enough.clear()
        await self._renew(now)
        if not done and not (work and self._room > 0):
            return False
        try:
            found = await self._app.db.write(
                lambda session: self._settle_and_load(session, done, now, work=work),
                behind=True,
            )
        except Busy:
            raise
        except Exception:
            await self._settle()  # what has been brought must not be brought again
            raise
        del self._done[: len(done)]
        self._begin(found)
        return found.more

    @property
    def _room(self) -> int:
        return self._hosts - len(self._turns)

    def _settle_and_load(
        self, session: Session, done: Sequence[Outcome], now: datetime, *, work: bool
    ) -> Load:
        traffic = self._app.traffic
        if done:
            _settle(session, done, now)
        if self._room <= 0 or not (work or parking.has_work(session, now)):
            return Load()
        each = min(self._each, _BESIDE_PAGES) if traffic.is_lively else self._each
        return load(session, now, self._room, each)

    def _begin(self, found: Load) -> None:
        unsettled = {outcome.host.id for outcome in self._done}
        for host, rows in found.turns:
            if host.id in self._turns or host.id in unsettled:
                continue  # its lease ran out while this process could not renew it
            outcome = Outcome(host, spec=host.signature_spec)
            task = asyncio.create_task(bring(self._app, found, rows, outcome))
            self._turns[host.id] = task
            task.add_done_callback(partial(self._finished, outcome))

    def _finished(self, outcome: Outcome, task: asyncio.Task[None]) -> None:
        del self._turns[outcome.host.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a turn failed", host=outcome.host.name, exc_info=error)
            outcome.put_off(f"An error on our side: {error!r}", ours=True)
        self._done.append(outcome)
        if len(self._done) >= _TOGETHER or not self._turns:
            self._enough.set()
        elif len(self._done) == 1:
            asyncio.get_running_loop().call_later(_LINGER, self._enough.set)

    async def _renew(self, now: datetime) -> None:
        """Let nobody else take over the hosts that are being spoken to."""
        if self._turns and now - self._renewed_at > queue.LEASE / 5:
            ours = list(self._turns)
            await self._app.db.write(lambda session: queue.renew(session, ours, now), behind=True)
            self._renewed_at = now

    async def _settle(self) -> None:
        done = self._done[:]
        if not done:
            return
        now = _now()
        await self._app.db.write(lambda session: _settle(session, done, now), behind=True)
        del self._done[: len(done)]

    async def _leave(self) -> None:
        """Let what is on its way arrive, drop the rest, and free the hosts."""
        under_way = {*self._turns.values(), *self._errands}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_GRACE)
            for task in late:
                await _cancelled(task)
        with suppress(Busy):
            await self._settle()


def _settle(session: Session, done: Sequence[Outcome], now: datetime) -> None:
    queue.settle(session, [due for outcome in done for due in outcome.settled])
    for outcome in done:
        missing.settle(session, outcome.missed, outcome.held, outcome.found, now)
    after = {outcome.host.id: outcome.after(now) for outcome in done}
    queue.free(session, after, now)
    peers.ask_again(session, [outcome.host.id for outcome in done if outcome.page], now)
    for outcome in done:
        if after[outcome.host.id]["parked"]:
            parking.park(session, outcome.host, now)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _now() -> datetime:
    return datetime.now(UTC)
