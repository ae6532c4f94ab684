"""Lists of discussions: what stands in them, in which order, page by page."""

import pytest

from fedcop.db.paging import Cursor
from fedcop.domain import timelines
from fedcop.domain.people.block import block
from fedcop.domain.people.follow import follow
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.feature import pin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.queries import Order

pytestmark = pytest.mark.anyio


async def titles(server, make, limit=2, pages=9):
    """Every page of a list, one after the other."""
    cursor, found = Cursor(limit=limit), []
    for _ in range(pages):
        page = await server.read(lambda s, c=cursor: make(s, c))
        found.append([row.post.title for row in page.items])
        if page.older is None:
            return found
        cursor = Cursor(before=page.older, moment=page.moment, limit=limit)
    raise AssertionError(found)


async def test_lists_from_page_to_page(fediverse):
    (here,) = await fediverse("rivers.test")
    ana, bo, cy = [await here.person(name) for name in ("ana", "bo", "cy")]
    place, other = await here.community("watershed", ana), await here.community("bees", bo)
    uris = [await ana.write(place, f"W{number}") for number in range(5)]
    swarm = await bo.write(other, "Swarm")
    await cy.join(place)
    await bo.reply(swarm, "An answer")
    await cy.reply(uris[1], "An answer")

    def home(order, reader):
        return lambda s, cursor: timelines.home(s, reader.id, cursor, order)

    newest = [["W4", "W3"], ["W2", "W1"], ["W0"]]
    assert await titles(here, home(Order.NEW, cy)) == newest
    assert await titles(here, home(Order.ACTIVE, cy)) == [["W1", "W4"], ["W3", "W2"], ["W0"]]
    assert await titles(here, home(Order.UNANSWERED, cy)) == [["W4", "W3"], ["W2", "W0"]]

    await here.act(lambda uow: follow(uow, uow.get(Actor, cy.id), uow.get(Actor, bo.id)))
    assert (await titles(here, home(Order.NEW, cy)))[0] == ["Swarm", "W4"]
    everything = await titles(here, lambda s, c: timelines.local(s, c, Order.ACTIVE))
    assert everything == [["W1", "Swarm"], ["W4", "W3"], ["W2", "W0"]]
    await here.act(lambda uow: block(uow, uow.get(Actor, cy.id), uow.get(Actor, ana.id)))
    assert await titles(here, home(Order.NEW, cy)) == [["Swarm"]]

    await here.act(lambda uow: pin(uow, uow.find(Post, uris[0]), uow.get(Actor, ana.id)))
    listed = await titles(here, lambda s, c: timelines.community(s, place.id, c))
    assert listed == [["W0", "W4", "W3"], ["W2", "W1"]]

    first = await here.read(lambda s: timelines.local(s, Cursor(limit=2)))
    second = await here.read(lambda s: timelines.local(s, Cursor(before=first.older, limit=2)))
    back = await here.read(lambda s: timelines.local(s, Cursor(after=second.newer, limit=2)))
    assert [row.post.title for row in back.items] == [row.post.title for row in first.items]
