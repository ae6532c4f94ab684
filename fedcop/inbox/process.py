"""From accepted messages to everything that follows, many in one transaction."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice

from sqlalchemy.orm import Session

from fedcop.app import App
from fedcop.domain.network.policies import Rules
from fedcop.errors import FedcopError
from fedcop.inbox import messages
from fedcop.inbox.batch import Batch, Outcome, Spoilt
from fedcop.inbox.dispatch import Handlers
from fedcop.inbox.evidence import Evidence, Need
from fedcop.inbox.gather import Gatherer
from fedcop.inbox.messages import Message
from fedcop.inbox.resolve import Resolver
from fedcop.inbox.verbs import HANDLERS
from fedcop.log import logger
from fedcop.work.unit_of_work import UnitOfWork

_log = logger(__name__)
_BATCH = {True: 20, False: 50}
_BATCH_BESIDE_PAGES = 8
"""While pages are asked for: a batch holds them up for as long as it is applied."""
_LET_PASS_SECONDS = 0.01
_IDLE_SECONDS = 20.0
_TROUBLE_SECONDS = 2.0
_MOST_GATHERING = 200
_FEW = 3  # refusals in a batch for which it is begun anew


class Processor:
    """Applies what the receiver has kept.

    A batch is applied with one flush. If a message is refused, the batch is undone and done again
    without it; if that does not help, or anything else raises, each message is applied in a
    savepoint, and only the bad ones are settled as failed. What refers to something
    unknown is leased and gathered for by tasks beside, and applied when that has come; beyond
    `_MOST_GATHERING` it is put off until one of them is done.
    """

    def __init__(self, app: App, resolver: Resolver, handlers: Handlers = HANDLERS) -> None:
        self._app = app
        self._handlers = handlers
        self._means = resolver.means
        self._gatherer = Gatherer(resolver)
        self._gathering: dict[int, asyncio.Task[None]] = {}
        self._evidence: dict[int, Evidence] = {}
        self._late: dict[int, frozenset[str]] = {}  # the posts that messages in gathering bring
        self._put_off: dict[int, None] = {}  # leased, in order; their turn to be gathered for comes

    async def run_once(self, limit: int | None = None, *, behind: bool = False) -> int:
        """One batch: how many messages were settled or handed to the gatherer.

        Raises Busy if the database cannot take it now.
        """
        limit = limit or self._usual()
        rules = await self._app.policies.rules()
        offered = self._offered()  # more may come while the batch is applied
        batch = partial(self._unit, limit, rules, offered)
        outcome = await self._together(batch, behind=behind)
        if outcome is None:
            outcome = await self._app.db.write(partial(batch, None), behind=behind)
        if len(outcome.ids) < limit:  # what is ready and was not claimed, another has settled
            for row_id in offered.difference(outcome.ids):
                self._let_go(row_id)
        self._after(outcome)
        return outcome.settled + len(outcome.asked)

    def _offered(self) -> frozenset[int]:
        """Of what this process has leased: what can be applied, or gathered for by now."""
        room = max(0, _MOST_GATHERING - len(self._gathering))
        ready = self._evidence.keys() - self._put_off.keys()
        return frozenset(ready.union(islice(self._put_off, room)))

    def _let_go(self, row_id: int) -> None:
        self._evidence.pop(row_id, None)
        self._put_off.pop(row_id, None)

    def _usual(self) -> int:
        return (
            _BATCH_BESIDE_PAGES if self._app.traffic.is_lively else _BATCH[self._app.db.is_sqlite]
        )

    async def _together(
        self, batch: Callable[[dict[int, FedcopError], Session], Outcome], *, behind: bool
    ) -> Outcome | None:
        """The batch with one flush, without the few that turn out to be refused.

        None for more of them than that, and for any other trouble: what stands in the way is then
        found by savepoints.
        """
        refused: dict[int, FedcopError] = {}
        while len(refused) <= _FEW:
            try:
                return await self._app.db.write(partial(batch, refused), behind=behind)
            except Spoilt as spoilt:
                refused[spoilt.row_id] = spoilt.error
            except Exception:  # noqa: BLE001  whatever it was, `apart` finds whose it was
                return None
        return None

    async def run(self, stop: asyncio.Event) -> None:
        """Process until `stop` is set; trouble with the database is waited out."""
        try:
            while not stop.is_set():
                await self._app.traffic.lull(_LET_PASS_SECONDS)
                began = time.monotonic()
                try:
                    worked = await self.run_once(behind=True)
                except Exception as error:  # noqa: BLE001  a worker does not die of one batch
                    _log.warning("The inbox waits", reason=repr(error))
                    worked = 0
                    await self._wait(stop, _TROUBLE_SECONDS)
                if not worked:
                    await self._wait(stop, _IDLE_SECONDS)
                elif self._app.traffic.is_lively:  # as long for them as for us
                    await asyncio.sleep(time.monotonic() - began)
        finally:
            await self.close()

    async def settle(self) -> int:
        """Process until nothing is due and nothing is being fetched; how many were settled."""
        settled = 0
        while True:
            worked = await self.run_once()
            settled += worked
            if self._gathering:
                await asyncio.wait(self._gathering.values(), return_when=asyncio.FIRST_COMPLETED)
            elif not worked and not self._evidence and not self._put_off:
                return settled

    async def close(self) -> None:
        """Stop fetching; the messages are due again at once, for whoever goes on."""
        held = [*self._gathering, *self._evidence, *self._put_off]
        tasks = list(self._gathering.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._gathering.clear()  # one that never began has not taken itself out
        self._evidence.clear()
        self._put_off.clear()
        if held:
            try:
                await self._app.db.write(partial(messages.give_back, ids=held))
            except Exception as error:  # noqa: BLE001  then the leases run out by themselves
                _log.warning("What was fetched for is not given back", reason=repr(error))

    def _unit(
        self,
        limit: int,
        rules: Rules,
        offered: frozenset[int],
        refused: dict[int, FedcopError] | None,
        session: Session,
    ) -> Outcome:
        """One batch in one transaction; apart, if nobody says who is `refused`."""
        uow = UnitOfWork(session, self._app.reactions, self._app.uris)
        busy = self._gathering.keys()
        claimed = messages.claim(session, uow.now, limit, ready=offered, busy=busy)
        if not claimed:
            return Outcome()
        late = frozenset[str]().union(*self._late.values())
        batch = Batch(
            uow,
            claimed,
            self._evidence,
            self._handlers,
            self._means,
            late=late,
            rules=rules,
            refused=refused or {},
        )
        return batch.apart() if refused is None else batch.together()

    def _after(self, outcome: Outcome) -> None:
        """What follows a committed batch: counting, fetching, waking those who wait for rows."""
        counter = self._app.metrics.processed
        for row_id in outcome.ids:
            if row_id not in outcome.asked:
                self._let_go(row_id)
        for row_id, kind in outcome.failed:
            _log.info("A message was given up", message=row_id, reason=kind)
            counter.labels(outcome="dead").inc()
        counter.labels(outcome="settled").inc(outcome.settled - len(outcome.failed))
        for row_id, (message, needs) in outcome.asked.items():
            if len(self._gathering) >= _MOST_GATHERING:
                self._put_off[row_id] = None
                continue
            self._put_off.pop(row_id, None)
            evidence = self._evidence.pop(row_id, None) or Evidence()
            task = asyncio.create_task(self._gather(message, needs, evidence))
            self._gathering[row_id] = task
            self._late[row_id] = outcome.brings.get(row_id, frozenset())
        if outcome.settled:
            self._app.wake.call("outbox", "jobs")

    async def _gather(self, message: Message, needs: frozenset[Need], evidence: Evidence) -> None:
        try:
            await self._gatherer.gather(needs, evidence, message.signer)
            self._evidence[message.id] = evidence
        except Exception:  # noqa: BLE001  a task that dies unheard would hold its message back
            _log.exception("What a message needs could not be gathered", message=message.id)
        finally:
            self._gathering.pop(message.id, None)
            self._late.pop(message.id, None)
            self._app.wake.call("inbox")

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        bell = asyncio.create_task(self._app.wake.wait("inbox", seconds))
        end = asyncio.create_task(stop.wait())
        _, pending = await asyncio.wait({bell, end}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
