"""Runs each bench once more, and looks at where the CPU time of its measured part goes."""

import sys
from collections.abc import AsyncIterator, Callable

from fedcop.outbox.spreading import spread
from fedcop.web.kept import KeptPages
from tests.bench.asking import ask
from tests.bench.audience import bring, forget, listen, say, working
from tests.bench.databases import Place
from tests.bench.fanout import MANY, WARM
from tests.bench.inbox import BATCH, fresh
from tests.bench.knocking import door
from tests.bench.latency import while_processing
from tests.bench.others import lines_for_nobody, others
from tests.bench.pages import ASK, REPLIES, filled
from tests.bench.profile import Profile, profile
from tests.bench.sampling import Sampler, Spent, spent_afar
from tests.bench.town import HOST, Town, town

Found = AsyncIterator[tuple[str, Spent, int, str]]
"""Figures: what was spent for so many of a unit."""


async def _at_the_door(place: Place) -> Found:
    kinds = {"whole": "inbox-durable"}
    if place.kind == "sqlite":
        kinds = {"accept": "inbox-accept", **kinds}
    each = 1_000 if place.quick else 4_000
    for kind, figure in kinds.items():
        async with town(place.database(), place.folder) as here:
            with spent_afar(place.folder) as spent:
                async with door(kind, here.settings) as server:
                    await server.knock(fresh(here, 500))
                    requests = fresh(here, each)
                    await server.cpu(b"profile")
                    await server.knock(requests)
        yield figure, spent(), each, "request"


async def _processed(place: Place) -> Found:
    size = BATCH[place.kind]
    each = 500 if place.quick else 5_000
    sampler = Sampler()

    async def drain() -> None:
        while await here.house.processor.run_once():
            pass

    async with town(place.database(), place.folder) as here:
        await here.keep([here.reply() for _ in range(size * 10)])
        await drain()
        await here.keep([here.reply() for _ in range(each)])
        with sampler:
            await drain()
    yield "inbox-processed", sampler.spent, each, "reply"


async def _told(place: Place) -> Found:
    said, times = (100, 20) if place.quick else (1_000, 150)
    saying, spreading = Sampler(), Sampler()
    async with town(place.database(), place.folder, speakers=0) as here:
        await listen(here, [f"https://n{n}.example/inbox" for n in range(MANY)])
        for _ in range(times):
            await say(here)
            with spreading:
                await here.house.app.db.write(spread)
            await forget(here)
        with saying:
            for _ in range(said):
                await say(here)
    yield "fanout-told", saying.spent, said, "starter"
    yield "fanout-spread", spreading.spent, times, f"{MANY:,} rows"


async def _warm(place: Place) -> Found:
    hosts, times = (WARM // 4, 1) if place.quick else (WARM, 3)
    for scheme in ("http", "https"):
        sampler = Sampler()
        async with (
            others(place.folder, tls=scheme == "https") as there,
            town(place.database(), place.folder, there.transport(), 0, development=True) as here,
        ):
            await listen(here, there.inboxes(hosts))
            with lines_for_nobody():
                await _bring(here, hosts)  # opens the connections
                await _bring(here, hosts)
                for _ in range(times):
                    with sampler:
                        await _bring(here, hosts)
        yield f"fanout-warm {scheme}", sampler.spent, hosts * times, "delivery"


async def _bring(here: Town, hosts: int) -> None:
    await say(here)
    await bring(here, hosts)


async def _arrival(place: Place) -> Found:
    hosts, times = 300, 3 if place.quick else 15
    sampler = Sampler()
    async with (
        others(place.folder, tls=True) as there,
        town(place.database(), place.folder, there.transport(), 0, development=True) as here,
    ):
        await listen(here, there.inboxes(hosts))
        with lines_for_nobody():
            await _bring(here, hosts)
            for _ in range(times):
                await there.ledger("forget")
                async with working(here):
                    with sampler:
                        await say(here)
                        await there.ledger(f"until {hosts}")
    yield "fanout-arrival", sampler.spent, times, f"post to {hosts} hosts"


async def _thread_page(place: Place) -> Found:
    cold_times, kept_times = (10, 300) if place.quick else (60, 10_000)
    cold, kept = Sampler(), Sampler()
    async with town(place.database(), place.folder) as here:
        path = await filled(here, REPLIES)
        pages = KeptPages(here.house.app.db.changes)
        here.house.web.state.kept_pages = pages
        await ask(here.house.web, HOST, path)
        for _ in range(cold_times):
            pages.clear()
            with cold:
                await ask(here.house.web, HOST, path)
        await ask(here.house.web, HOST, path)
        with kept:
            for _ in range(kept_times):
                await ask(here.house.web, HOST, path)
    yield "thread-page-cold", cold.spent, cold_times, "page"
    yield "thread-page-kept", kept.spent, kept_times, "page"


async def _actor_document(place: Place) -> Found:
    each = 2_000 if place.quick else 10_000
    async with town(place.database(), place.folder, speakers=1) as here:
        with spent_afar(place.folder) as spent:
            async with door("whole", here.settings) as server:
                await server.knock([ASK] * 500)
                await server.cpu(b"profile")
                await server.knock([ASK] * each)
    yield "actor-document", spent(), each, "request"


async def _while_processing(place: Place) -> Found:
    with spent_afar(place.folder) as spent:
        await while_processing(place, 1)
    yield "while-processing", spent(), 1, ""  # by the clock: it uses what there is


_PROFILES: dict[str, tuple[Callable[[Place], Found], tuple[str, ...]]] = {
    "inbox-door": (_at_the_door, ("sqlite", "postgresql")),
    "inbox-processed": (_processed, ("sqlite", "postgresql")),
    "fanout-told": (_told, ("sqlite", "postgresql")),
    "fanout-warm": (_warm, ("sqlite", "postgresql")),
    "fanout-arrival": (_arrival, ("sqlite", "postgresql")),
    "thread-page": (_thread_page, ("sqlite", "postgresql")),
    "actor-document": (_actor_document, ("sqlite",)),
    "while-processing": (_while_processing, ("sqlite", "postgresql")),
}
PROFILED = tuple(_PROFILES)


async def profiles(places: list[Place], only: str | None) -> list[Profile]:
    """The profiles of each bench whose name contains `only`, on each database.

    A bench that breaks off (the machine is too busy for its load) is named, and left out.
    """
    found: list[Profile] = []
    for bench, (run, kinds) in _PROFILES.items():
        for place in places:
            if place.kind in kinds and (only is None or only in bench):
                try:
                    async for figure, spent, units, unit in run(place):
                        name = bench, figure, place.kind
                        found.append(profile(name, spent, units, unit))
                except (AssertionError, RuntimeError, OSError, ValueError) as error:
                    sys.stderr.write(f"{bench} on {place.kind} is not profiled: {error!r}\n")
    return found
