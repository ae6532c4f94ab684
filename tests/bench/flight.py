"""Benchmarks of many deliveries under way at once, and of hosts that never answer."""

import os
import time
from pathlib import Path

import pytest

from fedcop.activitypub.client import ActivityPubClient
from fedcop.outbox import deliver
from fedcop.outbox.deliver import Deliverer
from tests.bench.audience import bring, forget, listen, say
from tests.bench.databases import Place
from tests.bench.measure import Figure
from tests.bench.others import Others, lines_for_nobody, others
from tests.bench.town import Town, town

_MANY, _FEW = 8_000, 100
_GOOD, _BAD, _THINGS = 180, 20, 10
_PAGE = os.sysconf("SC_PAGE_SIZE")


async def in_flight(place: Place, many: int) -> list[Figure]:
    """Memory of each of 8,000 deliveries under way, and their CPU beside 100 at a time."""
    most = _MANY // 8 if place.quick else _MANY
    with lines_for_nobody():
        few_cost, _ = await _fly(place, most // 4, _FEW, after=0.2)
        cost, memory = await _fly(place, most, most, after=6.0)
    return [
        Figure(
            name="flight-memory",
            on=place.kind,
            value=memory,
            of="KiB",
            unit="delivery in flight",
            must=40,
            aim=30,
            note=f"{most:,} in flight",
        ),
        Figure(
            name="flight-cpu",
            on=place.kind,
            value=cost,
            unit="delivery",
            limit=few_cost,
            limit_name=f"the same with {_FEW} in flight",
            must=0.5,
            aim=1 / 1.5,
            note=f"{most:,} in flight, new connections",
        ),
    ]


async def _fly(place: Place, hosts: int, at_once: int, after: float) -> tuple[float, float]:
    """CPU µs for each of so many deliveries, and KiB for each that was under way."""
    async with (
        others(place.folder, after=after) as there,
        town(place.database(), place.folder, there.transport(), 0, development=True) as here,
    ):
        await listen(here, there.inboxes(hosts))
        await say(here)
        deliverer = Deliverer(here.house.app, hosts=at_once)
        before = _resident()
        most: tuple[int, float] = (1, 0.0)

        def look() -> None:
            nonlocal most
            flying = len(deliverer._turns)
            if flying >= most[0]:
                most = flying, max(most[1], _resident() - before)

        with pytest.MonkeyPatch.context() as patch:
            # a slow machine signs for longer than a delivery may take
            patch.setitem(ActivityPubClient.post.__kwdefaults__ or {}, "deadline", 120.0)
            cost = await bring(here, hosts, deliverer, look)
        flying, memory = most
        assert flying >= at_once * 0.9, f"only {flying} were in flight"
        return cost / hosts, memory / flying


def _resident() -> float:
    """KiB of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1024


async def bad_hosts(place: Place, many: int) -> list[Figure]:
    """What 20 hosts that never answer, among 200, cost the others."""
    with lines_for_nobody():
        async with (
            others(place.folder) as there,
            town(place.database(), place.folder, there.transport(), 0, development=True) as here,
        ):
            runs: dict[int, list[tuple[float, float]]] = {0: [], _BAD: []}
            for _ in range(many + 1):
                for bad, found in runs.items():
                    found.append(await _among(here, there, bad))
    (well, _), (ill, _) = (_medians(found[1:]) for found in runs.values())
    (_, fast), (_, slow) = (_medians(found[1:]) for found in runs.values())
    return [
        Figure(
            name="flight-bad-hosts",
            on=place.kind,
            value=ill,
            unit="delivery to a good host",
            limit=well,
            limit_name="the same without bad hosts",
            must=0.90,
            aim=0.95,
            note=f"by the clock {slow:,.0f} beside {fast:,.0f} µs; {_BAD} of {_GOOD + _BAD} hang",
        )
    ]


def _medians(found: list[tuple[float, float]]) -> tuple[float, float]:
    middle = len(found) // 2
    cpu, clock = (sorted(one) for one in zip(*found, strict=True))
    return cpu[middle], clock[middle]


async def _among(here: Town, there: Others, bad: int) -> tuple[float, float]:
    """CPU µs, and µs by the clock, for each delivery to a good host."""
    good = _GOOD + _BAD - bad
    await listen(here, [*there.inboxes(good), *there.inboxes(bad, "mute")])
    for _ in range(_THINGS):
        await say(here)
    began = time.monotonic()
    took = 0.0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver, "_GRACE", 0.01)
        await there.ledger("forget")
        cost = await bring(here, good * _THINGS)
        took = (await there.ledger())["last"] - began
    await forget(here)
    return cost / (good * _THINGS), took * 1e6 / (good * _THINGS)
