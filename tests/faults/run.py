"""One run: furnish, tell the stories while the server is killed, let it come to rest, compare."""

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fedcop.db.engine import Database
from tests.databases import PostgreSql
from tests.faults import arrivals, expected, member, rows, troubles
from tests.faults.hosts import Hosts
from tests.faults.ledger import ACKNOWLEDGED, REFUSED, UNKNOWN, Ledger, Read
from tests.faults.member import Member
from tests.faults.people import Town, settle
from tests.faults.senders import Pace, Senders
from tests.faults.stories import Author
from tests.faults.victim import Victim, furnish, lay

_REST = 240.0
"""Seconds without any progress after which what still waits counts as lost."""
_ONE_TURN = 30.0
_FORMS, _FORMS_A_KILL = 10, 2
"""How many pieces a member writes by the forms of the pages, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is asked to do."""

    kills: int
    """How often the trouble strikes."""
    activities: int
    seed: int
    database: str
    """`sqlite` or `postgresql`."""
    trouble: str = "kill"
    """One of `troubles.KINDS`."""
    hosts: int = 16
    residents: int = 8
    guests: int = 3


@dataclass(slots=True)
class Result:
    """What came of it."""

    plan: dict[str, Any]
    seconds: float = 0.0
    kills: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    written: int = 0
    """Posts that a member wrote by the forms of the pages."""
    sent_again: int = 0
    """How many of these forms were sent more than once."""
    tries: int = 0
    owed: int = 0
    heard: int = 0
    doubled: int = 0
    ready_p95: float = 0.0
    ready_max: float = 0.0
    ready_alone_p95: float = 0.0
    """Without the time in which the machine was busy with others; this has the bound."""
    slowest: float = 0.0
    """Seconds in which the slowest answer came."""
    rest: float = 0.0
    """Seconds from the last answer until nothing waited any more."""
    wrong: list[str] = field(default_factory=list[str])

    @property
    def is_good(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Run:
    """A run in a folder of its own, on a new database of `postgresql`, or on SQLite."""

    def __init__(self, plan: Plan, folder: Path, postgresql: PostgreSql | None) -> None:
        self.plan = plan
        self.town: Town = settle(plan.hosts, plan.residents, plan.guests)
        self._server = lay(folder, None if postgresql is None else postgresql.migrated())
        names = [host.name for host in self.town.hosts]
        self._hosts = Hosts(self.town, folder, self._server.lab.authority.tls_for(*names))
        self._ledger_file = folder / "said.jsonl"
        self._ledger = Ledger(self._ledger_file)
        self._forms_file = folder / "forms.jsonl"
        self._victim = Victim(self._server, self._hosts, plan.seed)
        self._trouble = troubles.make(plan.trouble, self._victim, postgresql, plan.seed)
        self._pace = Pace()
        address = f"{self._server.address}:{self._server.port}"
        self._senders = Senders(address, self._ledger, self._pace, plan.seed)
        self._db = Database(self._server.settings.database)
        self._began = time.monotonic()

    async def __call__(self) -> Result:
        """Run it, and say what came of it."""
        result = Result(asdict(self.plan))
        progress = asyncio.create_task(self._progress())
        try:
            await self._tell(result)
            await self._stop(result)
            await self._compare(result)
        finally:
            progress.cancel()
            await self._server.kill()
            await self._hosts.close()
            self._ledger.close()
            await self._db.close()
        result.seconds = time.monotonic() - self._began
        return result

    async def _tell(self, result: Result) -> None:
        port = await self._hosts.open()
        for host in self.town.hosts:
            self._server.lab.names.point(host.name, port)
        starters, session = await furnish(self._server.settings, self.town)
        author = Author(self.town, starters, self.plan.seed)
        arriving = author.arrivals()
        stories = author.stories(self.plan.activities - len(arriving))
        total = len(arriving) + sum(map(len, stories))
        await self._victim.start()
        kills = [(n + 1) * total // self.plan.kills for n in range(self.plan.kills)]
        killing = asyncio.create_task(self._keep_killing(kills, total))
        writer = self._member(session, starters)
        try:
            await self._senders.tell(arriving)
            await self._all_joined()
            async with _meanwhile(writer.write):
                await self._senders.tell(stories)
                await killing
        finally:
            killing.cancel()
        answered = time.monotonic()
        await self._come_to_rest(result)
        result.rest = time.monotonic() - answered

    def _member(self, session: str, starters: Mapping[str, str]) -> Member:
        address = f"{self._server.address}:{self._server.port}"
        most = _FORMS + _FORMS_A_KILL * self.plan.kills
        return Member(address, session, starters, self._forms_file, self.plan.seed, most)

    async def _keep_killing(self, upto: list[int], total: int) -> None:
        """A share of the activities for each life of the server; then the rest."""
        before, most = 0, self.plan.kills
        for allowed in upto:
            if self._trouble.strikes >= most:
                break
            self._pace.allow(allowed)
            share, later = self._victim.moment()
            if not self._trouble.cuts:  # so that much is said while it lasts
                share, later = share / 2, 0.0
            await self._senders.reached(before + round(share * (allowed - before)), _ONE_TURN)
            await asyncio.sleep(later)
            await self._trouble.strike(most - self._trouble.strikes)
            before = allowed
        self._pace.allow(total)

    async def _all_joined(self) -> None:
        """Who belongs to an audience is settled before anything is owed to it."""
        wanted = sum(len(host.residents) for host in self.town.hosts)
        while await rows.patiently(self._db, rows.members) < wanted:  # noqa: ASYNC110  another process writes
            await asyncio.sleep(0.1)

    async def _come_to_rest(self, result: Result) -> None:
        last, since = -1, time.monotonic()
        while waits := await rows.left(self._db):
            now = waits, self._hosts.arrived
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > _REST:
                result.wrong.append(f"{waits} rows still wait after {_REST:.0f} s without progress")
                return
            await asyncio.sleep(0.2)

    async def _stop(self, result: Result) -> None:
        status = await self._server.stop()
        if status != 0:
            result.wrong.append(f"told to stop, the server ended with status {status}")

    async def _compare(self, result: Result) -> None:
        ledger = Read.of(self._ledger_file)
        world, wrong = expected.of(ledger)
        result.wrong += wrong
        forms = Read.of(self._forms_file)
        world.written, wrong = await self._db.read(partial(member.check, ledger=forms))
        result.wrong += wrong
        result.written = len(world.written)
        result.sent_again = sum(entry.tries > 1 for entry in forms.values())
        result.wrong += await rows.check(self._db, world, ledger)
        told = arrivals.check(self.town, self._hosts.files, world)
        result.wrong += told.wrong
        result.owed, result.heard, result.doubled = told.owed, told.heard, told.doubled
        result.kills, result.tries = self._trouble.strikes, self._senders.tries
        result.acknowledged = len(ledger.of_kind(ACKNOWLEDGED))
        result.refused = len(ledger.of_kind(REFUSED))
        result.unknown = len(ledger.of_kind(UNKNOWN))
        result.slowest = self._senders.slowest
        self._judge(result, ledger)

    def _judge(self, result: Result, ledger: Read) -> None:
        """How it came back, and how it answered meanwhile."""
        trouble = self._trouble
        result.wrong += trouble.wrong
        ready, waited = trouble.again, trouble.waited
        result.ready_max, result.ready_p95 = max(ready), _p95(ready)
        result.ready_alone_p95 = _p95([a - b for a, b in zip(ready, waited, strict=True)])
        if result.ready_alone_p95 > trouble.bound:
            result.wrong.append(f"ready again only after {result.ready_alone_p95:.1f} s (95 %)")
        if trouble.cuts:
            return
        silent = [entry.id for entry in ledger.values() if len(entry.answers) < entry.tries]
        result.wrong += [f"{uri} was not answered, although the server lived" for uri in silent]

    async def _progress(self) -> None:
        if not sys.stderr.isatty() and not self.plan.kills:
            return
        while True:
            await asyncio.sleep(5)
            seconds = time.monotonic() - self._began
            rate = self._senders.answered / seconds
            sys.stderr.write(
                f"{self.plan.database} {seconds:4.0f} s: "
                f"{self._trouble.strikes} × {self.plan.trouble}, "
                f"{self._senders.answered} activities ({rate:.0f} a second), "
                f"{self._hosts.arrived} deliveries\n"
            )


@asynccontextmanager
async def _meanwhile(
    does: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
) -> AsyncIterator[None]:
    """It is done while the block runs, and told to stop at its end."""
    stop = asyncio.Event()
    task = asyncio.create_task(does(stop))
    try:
        yield
        stop.set()
        await task
    finally:
        task.cancel()


def _p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
