"""An admin blocks a server, and nothing of it comes in by any door; then it is welcome again."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor
from fedcop.domain.communities.queries import directory
from fedcop.domain.communities.roster import others_of
from fedcop.domain.moderation import log
from fedcop.domain.network import policies
from fedcop.domain.network.models import Attitude, Host
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.queries import discussions
from fedcop.domain.posts.thread import thread
from fedcop.domain.search.find import find_people
from fedcop.domain.search.query import parse
from fedcop.errors import Blocked, Invalid, NotFound
from fedcop.inbox.models import InboxMessage
from fedcop.outbox import policing
from fedcop.outbox.models import Delivery
from fedcop.outbox.partners import Condition, partner
from fedcop.outbox.policing import Preview
from fedcop.work.unit_of_work import UnitOfWork
from tests.fediverse import Fediverse, Server

pytestmark = pytest.mark.anyio


async def decide(server: Server, action: Callable[[UnitOfWork], object]) -> None:
    await server.house.app.decide(action)


async def shown(server: Server, uri: str) -> list[tuple[str, bool]]:
    """The posts of a thread as its page has them: id, and whether only the place is kept."""

    def query(session: Session) -> list[tuple[str, bool]]:
        found = thread(session, session.scalar(select(Post.id).where(Post.uri == uri)) or 0)
        return [(one.post.uri, one.hidden) for one in found.replies] if found else []

    return await server.read(query)


async def listed(server: Server) -> set[str]:
    return await server.read(
        lambda session: {row.post.title for row in discussions(session, Cursor()).items}
    )


async def kept(server: Server) -> int:
    """How many messages this server has ever accepted."""
    return await server.read(
        lambda session: session.scalar(select(func.count()).select_from(InboxMessage)) or 0
    )


async def waiting(server: Server, host: str) -> int:
    query = select(func.count()).select_from(Delivery).join(Host, Host.id == Delivery.host_id)
    return await server.read(lambda s: s.scalar(query.where(Host.name == host)) or 0)


def asked(world: Fediverse, since: int, by: str, of: str) -> list[str]:
    """What one server asked or brought another since then."""
    return [
        f"{request.method} {request.url}"
        for request in world.wires.sent[since:]
        if request.url.host == of and f"(+https://{by}/)" in request.headers["user-agent"]
    ]


async def test_blocked_by_every_door_and_welcome_again(fediverse: Fediverse) -> None:
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, eve = [
        await server.person(name) for server, name in ((red, "ada"), (blue, "bob"), (green, "eve"))
    ]
    gardeners = await red.community("gardeners", ada)
    bakers = await blue.community("bakers", bob)
    sellers = await green.community("sellers", eve)
    for person, place in ((bob, gardeners), (eve, gardeners), (ada, bakers), (eve, bakers)):
        await person.join(place)
    await ada.join(sellers)
    await fediverse.settle()
    offer = await eve.write(gardeners, "Buy this")
    frost = await bob.write(gardeners, "Frost?")
    await fediverse.settle()
    cheap = await eve.reply(frost, "Cheap fleece!")
    await fediverse.settle()
    under = await bob.reply(cheap, "Is this an advertisement?")
    silent = await eve.reply(frost, "Still cheap!")
    await fediverse.settle()
    before = await red.thread(frost)
    assert [row[0] for row in before] == [frost, cheap, under, silent]
    fediverse.wires.cut.add("green.test")
    await ada.reply(frost, "Two layers.")
    await red.work()
    fediverse.wires.cut.clear()
    count = await waiting(red, "green.test")
    assert count > 0

    # what it would do is said first, and changes nothing
    seen = await red.read(lambda s: policing.preview_block(s, "GREEN.test.", red.host))
    assert seen == Preview(("green.test",), ours=1, theirs=1, communities=1, waiting=count)
    assert await waiting(red, "green.test") == count
    with pytest.raises(Invalid):
        await decide(red, lambda uow: policing.block(uow, "https://red.test/"))

    await decide(red, lambda uow: policing.block(uow, "Green.test:443", reason="Spam"))
    assert await waiting(red, "green.test") == 0, "what waited is dropped"
    assert asked(fediverse, 0, by="red.test", of="green.test")
    messages, since = await kept(red), len(fediverse.wires.sent)

    # its own word at the door, what others pass on, and what is asked for
    await eve.write(gardeners, "Buy this, too")
    rolls = await eve.write(bakers, "Cheap rolls")
    await fediverse.settle()
    assert await kept(red) >= messages, "blue's Announce is a message of blue's"
    assert await red.thread(rolls) == []
    answer = await bob.reply(rolls, "What flour?")
    await fediverse.settle()
    assert await red.thread(answer) == []
    assert len(await blue.thread(rolls)) == 2, "it is blocked here, and not there"
    for wanted in ("@eve@green.test", sellers.uri, rolls):
        with pytest.raises(Blocked):
            await red.house.resolver.find(f"{wanted}/x" if "://" in wanted else wanted)
    for local in (ada.uri, gardeners.uri, frost.replace("blue", "red")):
        with pytest.raises(NotFound):
            await green.house.resolver.fetch(local)

    # nothing goes there, nothing is shown, nothing is lost
    ours = await ada.write(gardeners, "Compost")
    await fediverse.settle()
    assert asked(fediverse, since, by="red.test", of="green.test") == []
    assert await blue.thread(ours)
    assert await green.thread(ours) == []
    assert await listed(red) == {"Frost?", "Compost"}
    assert await red.thread(offer) == []
    assert [one for one in await shown(red, frost) if one[1]] == [(cheap, True)]
    assert silent not in {uri for uri, _ in await shown(red, frost)}
    context = await blue.house.resolver.fetch(f"{ours}/context")
    assert context.json["orderedItems"] == [ours]

    def places(session: Session) -> tuple[set[str], set[str], int]:
        found = {it.actor.uri for it in directory(session, Cursor()).items}
        people = {it.actor.uri for it in others_of(session, gardeners.id, Cursor()).items}
        return found, people, len(find_people(session, parse("eve"))[0])

    assert await red.read(places) == ({gardeners.uri, bakers.uri}, {bob.uri}, 0)
    now = (await red.read(lambda s: log.of_server(s, Cursor()))).items[0].deed
    assert (now.deed, now.subject, now.reason) == ("blocked host", "green.test", "Spam")

    # welcome again: all that was there is there, and both hear each other
    await decide(red, lambda uow: policing.forget(uow, "green.test"))
    assert await listed(red) == {"Frost?", "Compost", "Buy this"}
    assert [row[0] for row in await red.thread(frost)][:4] == [row[0] for row in before]
    assert not any(hidden for _, hidden in await shown(red, frost))
    again = await eve.write(gardeners, "I am sorry")
    ours = await ada.write(gardeners, "Mulch")
    await fediverse.settle()
    assert await red.thread(again)
    assert await green.thread(ours)
    assert (await red.read(places))[0] == {gardeners.uri, bakers.uri, sellers.uri}


async def test_partners_only(fediverse: Fediverse) -> None:
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, eve = [
        await server.person(name) for server, name in ((red, "ada"), (blue, "bob"), (green, "eve"))
    ]
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await eve.join(gardeners)
    await fediverse.settle()
    await decide(red, lambda uow: policing.allow(uow, "blue.test"))
    seen = await red.read(lambda s: policing.preview_partners_only(s, red.host))
    assert (seen.hosts, seen.theirs) == (("green.test",), 1)
    await decide(red, lambda uow: policing.limit_to_partners(uow, on=True))
    mine = await ada.write(gardeners, "Here")
    theirs = await bob.write(gardeners, "There")
    strange = await eve.write(gardeners, "Anywhere")
    await fediverse.settle()
    assert await listed(red) == {"Here", "There"}
    assert await blue.thread(mine)
    assert await red.thread(theirs)
    assert await green.thread(mine) == []
    assert await red.thread(strange) == []

    def states(session: Session) -> list[Condition]:
        names = ("blue.test", "green.test")
        found = [partner(session, name, datetime.now(UTC), red.host) for name in names]
        return [one.condition for one in found if one is not None]

    assert await red.read(states) == [Condition.DELIVERED, Condition.LEFT_OUT]
    await decide(red, lambda uow: policing.limit_to_partners(uow, on=False))
    late = await eve.write(gardeners, "Better late")
    await fediverse.settle()
    assert await red.thread(late)
    assert await red.read(states) == [Condition.DELIVERED, Condition.DELIVERED]


async def test_decisions_are_kept_and_replaced(fediverse: Fediverse) -> None:
    (red,) = await fediverse("red.test")
    await decide(red, lambda uow: policing.block(uow, "evil.example", reason="Spam"))
    await decide(red, lambda uow: policing.allow(uow, "good.evil.example"))
    hosts = {
        "evil.example": True,
        "a.evil.example": True,
        "good.evil.example": False,
        "evil-evil.example": False,
    }
    found = await red.read(lambda s: {name: policies.is_refused(s, name) for name in hosts})
    assert found == hosts
    book = red.house.app.policies
    assert {name: (await book.rules()).refuses(name) for name in hosts} == hosts
    with pytest.raises(Blocked):
        await book.check("a.evil.example")
    await decide(red, lambda uow: policing.allow(uow, "evil.example"))
    rows = await red.read(policies.standing)
    assert [(row.name, row.attitude, row.decided_by) for row in rows] == [
        ("evil.example", Attitude.ALLOW, policing.COMMAND_LINE),
        ("good.evil.example", Attitude.ALLOW, policing.COMMAND_LINE),
    ]
    assert await red.read(lambda s: policies.attitude(s, "x.evil.example")) is Attitude.ALLOW
    assert await red.house.app.decide(lambda uow: policing.forget(uow, "nobody.example")) is None
    with pytest.raises(Invalid, match="500"):
        await decide(red, lambda uow: policing.block(uow, "evil.example", reason="x" * 501))
