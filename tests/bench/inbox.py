"""Benchmarks of the inbox: the door, and what follows from what it lets in."""

from sqlalchemy import func, select

from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.bench.databases import Place
from tests.bench.knocking import door
from tests.bench.limits import verifying
from tests.bench.measure import Cpu, Figure, rounds
from tests.bench.town import Town, town

_L1 = "read the body + verify RSA"


async def at_the_door(place: Place, many: int) -> list[Figure]:
    """What a signed Create costs: without the store, with it, and one that is forged."""
    found: list[Figure] = []
    async with town(place.database(), place.folder) as here:
        verify = verifying(here.key, many)
        each = 500 if place.quick else 1_000

        def fresh() -> list[bytes]:
            return [here.signed(*here.reply()) for _ in range(each)]

        async with door("bare") as bare:
            read = await rounds(many, lambda: bare.knock(fresh()))
        limit = read + verify

        def figure(name: str, value: float, aim: float | None, note: str = "") -> Figure:
            return Figure(
                name=name,
                on=place.kind,
                value=value,
                unit="request",
                limit=limit,
                limit_name=_L1,
                aim=aim,
                note=note,
            )

        if place.kind == "sqlite":
            async with door("accept", here.settings) as accept:
                value = await rounds(many, lambda: accept.knock(fresh()))
                found.append(figure("inbox-accept", value, 0.5))
        async with door("whole", here.settings) as whole:
            value = await rounds(many, lambda: whole.knock(fresh()))
            kept = await here.house.app.read(
                lambda session: session.scalar(select(func.count(InboxMessage.id)))
            )
            assert kept == each * (many + 1), f"{kept} of {each * (many + 1)} were kept"
            found.append(figure("inbox-durable", value, 0.18, f"{kept} rows counted"))
            if place.kind == "sqlite":
                found.append(figure("inbox-forged", await _forged(here, whole, each, many), 0.4))
    return found


async def _forged(here: Town, whole: object, each: int, many: int) -> float:
    from tests.bench.knocking import Door

    assert isinstance(whole, Door)

    async def knock() -> float:
        requests = [here.signed(*here.reply(), forged=True) for _ in range(each)]
        spent, statuses = await whole.statuses(requests)
        assert not {b"200", b"202"} & set(statuses), "a forged signature was believed"
        return spent

    before = await here.house.app.read(lambda s: s.scalar(select(func.count(InboxMessage.id))))
    value = await rounds(many, knock)
    after = await here.house.app.read(lambda s: s.scalar(select(func.count(InboxMessage.id))))
    assert before == after, "something forged was written down"
    return value


async def processed(place: Place, many: int) -> list[Figure]:
    """From accepted to threaded, notified and told."""
    found: list[Figure] = []
    async with town(place.database(), place.folder) as here:
        size = 20 if place.kind == "sqlite" else 50
        each = size * (5 if place.quick else 10)
        for name, spoilt, aim in (("good", False, 600.0), ("spoilt", True, 3_000.0)):

            async def work(spoilt: bool = spoilt) -> float:
                return await _process(here, each, size, spoilt=spoilt)

            value = await rounds(many, work)
            verify = verifying(here.key, many)
            found.append(
                Figure(
                    name=f"inbox-processed {name}",
                    on=place.kind,
                    value=value,
                    unit="reply",
                    aim=aim,
                    note=f"batches of {size}; {value / verify:.0f} RSA verifications",
                )
            )
    return found


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
