"""Runs cases on several stages at once: quick ones on one server, others each on a fresh one."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.cases import Case
from tests.hostile.judge import Verdict, judge
from tests.hostile.keyring import is_odd
from tests.hostile.paths import NotApplicable
from tests.hostile.payloads import MANNERS, Unknown
from tests.hostile.play import MOST_TIMES, Player
from tests.hostile.snapshot import changes
from tests.hostile.stage import Stage
from tests.hostile.words import laying, peers
from tests.hostile.world import World, lay

_FLOOD = 100
_LONG_FLOOD = 1_000
_SLOW_AT_ONCE = 3
_MORE_TRIES = 2
Told = Callable[[Verdict], None]


@dataclass(slots=True)
class Lanes:
    """The cases by what they ask of a server.

    `quick` ones leave no trace in its memory that another could stumble over; `fresh` ones need
    or leave one; `slow` ones wait for seconds, and may all wait at once; what floods for a minute
    is played `alone`: beside it, whoever watches a clock here would be late.
    """

    quick: list[Case]
    fresh: list[Case]
    slow: list[Case]
    alone: list[Case]


def sort(cases: Sequence[Case], most: int = MOST_TIMES) -> Lanes:
    """Which case runs where, by what it contains; no request is repeated more often than `most`."""
    lanes = Lanes([], [], [], [])
    for case in cases:
        try:
            setups = [setup for setup, _ in laying(case)]
        except Unknown:
            setups = []
        keys = [str((step.sign or {}).get("key", "")) for step in case.steps]
        flood = max(step.times for step in case.steps)
        waits = any(step.raw in MANNERS for step in case.steps)
        if min(flood, most) > _LONG_FLOOD:
            lanes.alone.append(case)
        elif waits or any(s.slow for s in setups) or any(map(peers.takes_long, case.peers)):
            lanes.slow.append(case)
        elif (
            any(s.fresh for s in setups)
            or any(map(is_odd, keys))
            or any(map(peers.is_about_actors, case.peers))
            or flood > _FLOOD
        ):
            lanes.fresh.append(case)
        else:
            lanes.quick.append(case)
    return lanes


async def run(cases: Sequence[Case], told: Told, most: int = MOST_TIMES) -> list[Verdict]:
    """Play and judge all cases; each verdict is told as soon as it is there."""
    verdicts: list[Verdict] = []

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        told(verdict)

    with tempfile.TemporaryDirectory(prefix="fedcop-hostile-") as name:
        folder = Path(name)
        world = await lay(folder / "world.db")
        lanes = sort(cases, most)
        runner = _Runner(folder, world, tell, most)
        await asyncio.gather(
            runner.in_turn("quick", lanes.quick, fresh=False),
            runner.in_turn("fresh", lanes.fresh, fresh=True),
            runner.side_by_side(lanes.slow),
        )
        await runner.in_turn("alone", lanes.alone, fresh=True)
    order = {case.id: number for number, case in enumerate(cases)}
    return sorted(verdicts, key=lambda verdict: order[verdict.case.id])


class _Runner:
    def __init__(self, folder: Path, world: World, told: Told, most: int) -> None:
        self._folder, self._world, self._told, self._most = folder, world, told, most

    async def in_turn(self, name: str, cases: Sequence[Case], *, fresh: bool) -> None:
        """One after the other on one stage; `fresh`: with a new process for each."""
        if not cases:
            return
        async with AsyncExitStack() as stack:
            stage = await self._open(stack, name)
            for number, case in enumerate(cases):
                if number and (fresh or not stage.alive()):
                    await stage.anew()
                laid = stage.snapshot()
                verdict = await self._fairly(case, stage)
                if any("answered 429" in words for words in verdict.failures) and not fresh:
                    await stage.anew()  # a limit that the cases before have used up
                    verdict = await self._fairly(case, stage)
                self._told(verdict)
                if not fresh and stage.alive() and changes(laid, stage.snapshot()):
                    stage.restore()
                stage.hosts.forget()

    async def side_by_side(self, cases: Sequence[Case]) -> None:
        """Each on a stage of its own, a few at once."""
        turn = asyncio.Semaphore(_SLOW_AT_ONCE)

        async def one(number: int, case: Case) -> None:
            async with turn, AsyncExitStack() as stack:
                stage = await self._open(stack, f"slow-{number}")
                self._told(await self._fairly(case, stage))

        await asyncio.gather(*(one(number, case) for number, case in enumerate(cases)))

    async def _open(self, stack: AsyncExitStack, name: str) -> Stage:
        stage = Stage(self._folder / name, self._world)
        stack.push_async_callback(stage.close)
        await stage.open()
        return stage

    async def _fairly(self, case: Case, stage: Stage) -> Verdict:
        """Who was only slow is tried again: a machine that has other work is slow now and then, a
        server that can be held up is slow each time."""
        verdict = await self._one(case, stage)
        for _ in range(_MORE_TRIES):
            if not verdict.was_only_slow:
                break
            await stage.anew()
            verdict = await self._one(case, stage)
        return verdict

    async def _one(self, case: Case, stage: Stage) -> Verdict:
        began = time.monotonic()
        try:
            player = Player(case, stage, self._most)
            trial = await player.play()
            verdict = await judge(player, trial)
        except NotApplicable as missing:
            verdict = Verdict(case, missing=str(missing))
        except Unknown as words:
            verdict = Verdict(case, not_evaluated=[str(words), *case.sentences])
        except (KeyError, TypeError, ValueError, NotImplementedError) as error:
            # a form of case that the harness has not met: that says nothing of the server
            verdict = Verdict(case, not_evaluated=[f"not played: {error!r}", *case.sentences])
        verdict.seconds = time.monotonic() - began
        return verdict
