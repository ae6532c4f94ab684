"""Benchmarks of the inbox: the door, and what follows from what it lets in."""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.bench.databases import Place
from tests.bench.knocking import Door, door
from tests.bench.limits import verifying
from tests.bench.measure import Cpu, Figure, side_by_side
from tests.bench.town import Town, town

_L1 = "read the body + verify RSA"
_DURABLE = {"sqlite": (0.18, 0.30), "postgresql": (0.22, 0.35)}
BATCH = {"sqlite": 20, "postgresql": 50}


async def at_the_door(place: Place, many: int) -> list[Figure]:
    """What a signed Create costs: without the store, with it, and one that is forged.

    The limit and the figures are measured in turn, round by round, so that what else the machine
    does weighs on all of them alike.
    """
    each = 500 if place.quick else 1_000
    async with (
        town(place.database(), place.folder) as here,
        door("least", here.settings) as least,
        door("whole", here.settings) as whole,
        door("accept", here.settings) as accept,
    ):

        async def limit() -> float:
            return await least.knock(fresh(here, each))

        works: dict[str, Callable[[], Awaitable[float]]] = {"limit": limit}
        works["inbox-durable"] = lambda: whole.knock(fresh(here, each))
        if place.kind == "sqlite":
            works["inbox-accept"] = lambda: accept.knock(fresh(here, each))
            works["inbox-forged"] = lambda: _forged(here, whole, each)
        found = await side_by_side(many, works)
        kept = await _kept(here)
        assert kept == each * (many + 1), f"{kept} of {each * (many + 1)} were kept"
    figures: list[Figure] = []
    for name, value in found.items():
        if name == "limit":
            continue
        must, aim = _DURABLE[place.kind] if name == "inbox-durable" else (0.50, 0.60)
        figures.append(
            Figure(
                name=name,
                on=place.kind,
                value=value,
                unit="request",
                limit=found["limit"],
                limit_name=_L1,
                must=must,
                aim=aim,
                note=f"{kept} rows counted" if name == "inbox-durable" else "",
            )
        )
    return figures


def fresh(here: Town, many: int) -> list[bytes]:
    """So many signed requests, each with something new."""
    return [here.signed(*here.reply()) for _ in range(many)]


async def _kept(here: Town) -> int:
    return await here.house.app.read(lambda s: s.scalar(select(func.count(InboxMessage.id)))) or 0


async def _forged(here: Town, whole: Door, each: int) -> float:
    requests = [here.signed(*here.reply(), forged=True) for _ in range(each)]
    before = await _kept(here)
    spent, statuses = await whole.statuses(requests)
    assert not {b"200", b"202"} & set(statuses), "a forged signature was believed"
    assert await _kept(here) == before, "something forged was written down"
    return spent


async def processed(place: Place, many: int) -> list[Figure]:
    """From accepted to threaded, searchable, notified and told; and with one that says nothing."""
    size = BATCH[place.kind]
    each = size * (5 if place.quick else 10)
    async with town(place.database(), place.folder) as here:
        bars = {"good": (1_500.0, 600.0), "spoilt": (3_000.0, 2_500.0)}
        works: dict[str, Callable[[], Awaitable[float]]] = {
            "good": lambda: _process(here, each, size, spoilt=False),
            "spoilt": lambda: _process(here, each, size, spoilt=True),
            "verify": lambda: _verify(here),
        }
        found = await side_by_side(many, works)
    return [
        Figure(
            name=f"inbox-processed {name}",
            on=place.kind,
            value=found[name],
            unit="reply",
            must=must,
            aim=aim,
            note=f"batches of {size}; {found[name] / found['verify']:.0f} RSA verifications",
        )
        for name, (must, aim) in bars.items()
    ]


async def _verify(here: Town) -> float:
    return verifying(here.key, 3)


async def _process(here: Town, each: int, size: int, *, spoilt: bool) -> float:
    """CPU µs a reply; with one that says nothing in each batch, if `spoilt`."""
    bad = [spoilt and n % size == size // 2 for n in range(each)]
    await here.keep([here.reply(content="") if it else here.reply() for it in bad])
    before = await _posts(here)
    with Cpu() as cpu:
        while await here.house.processor.run_once():
            pass
    assert await _posts(here) - before == each - sum(bad)
    return cpu.us / each


async def _posts(here: Town) -> int:
    return await here.house.app.read(lambda s: s.scalar(select(func.count(Post.id)))) or 0
