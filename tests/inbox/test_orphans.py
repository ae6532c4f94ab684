"""A reply whose parent is not to be had stands under a placeholder, until the parent comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.adopt import AWAITED
from fedcop.domain.posts.feature import lock
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.thread import thread
from fedcop.ids import new_id
from fedcop.inbox.models import InboxMessage
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hive(home: Home, bees: Them) -> Home:
    await home.joins(bees.uri)
    return home


async def relay(home: Home, bees: Them, *inner: Any) -> None:
    await home.hears(bees, *(bees.says("Announce", one, to=[PUBLIC]) for one in inner))


def in_hive(bees: Them, them: Them, **more: Any) -> dict[str, Any]:
    return them.note(audience=bees.uri, cc=[bees.uri], **more)


async def found(home: Home, uri: str) -> Post:
    post = await home.find_post(uri)
    assert post is not None
    return post


async def shown(home: Home, root_id: int) -> list[tuple[str, int]]:
    def query(session: Any) -> list[tuple[str, int]]:
        held = thread(session, root_id)
        assert held is not None
        return [(said.post.uri, said.depth) for said in (held.starter, *held.replies)]

    return await home.read(query)


async def test_the_parent_comes_later(hive: Home, bees: Them, bob: Them, eve: Them) -> None:
    page = in_hive(bees, bob, type="Page", name="Swarming")
    missing = in_hive(bees, eve, inReplyTo=page["id"])
    reply = in_hive(bees, bob, inReplyTo=missing["id"])
    below = in_hive(bees, bob, inReplyTo=reply["id"])
    hive.web.documents[missing["id"]] = 404
    await relay(hive, bees, bob.creates(reply), bob.creates(below))
    orphan = await found(hive, reply["id"])
    place = await found(hive, AWAITED + missing["id"])
    assert (orphan.parent_id, orphan.root_id, place.root_id) == (place.id, place.id, place.id)
    assert not place.is_visible
    assert await shown(hive, place.id) == [(place.uri, 0), (reply["id"], 1), (below["id"], 2)]
    await relay(hive, bees, bob.says("Like", missing["id"]))

    hive.web.documents[missing["id"]] = missing
    await relay(hive, bees, bob.creates(page), eve.creates(missing))
    root, parent = await found(hive, page["id"]), await found(hive, missing["id"])
    orphan = await found(hive, reply["id"])
    assert await hive.find_post(place.uri) is None
    assert await hive.count(Post, Post.id == place.id) == 0
    assert (orphan.parent_id, orphan.root_id) == (parent.id, root.id)
    assert (parent.reply_count, root.reply_count, root.thread_count) == (1, 1, 3)
    assert [depth for _, depth in await shown(hive, root.id)] == [0, 1, 2, 3]
    assert root.active_at >= orphan.published_at


async def test_it_stands_in_the_discussion_that_it_names(
    hive: Home, bees: Them, bob: Them, eve: Them
) -> None:
    page = in_hive(bees, bob, type="Page", name="Swarming")
    await relay(hive, bees, bob.creates(page))
    gone = f"https://{eve.host}/notes/never"
    context = f"{page['id']}/context"
    replies = [in_hive(bees, bob, inReplyTo=gone, context=context) for _ in range(2)]
    await relay(hive, bees, *(bob.creates(one) for one in replies))
    root, place = await found(hive, page["id"]), await found(hive, AWAITED + gone)
    assert (place.parent_id, place.root_id) == (root.id, root.id)
    assert (place.reply_count, root.reply_count, root.thread_count) == (2, 0, 2)
    assert [depth for _, depth in await shown(hive, root.id)] == [0, 1, 2, 2]
    late = in_hive(bees, eve, id=gone, inReplyTo=page["id"])
    await relay(hive, bees, eve.creates(late))
    root, parent = await found(hive, page["id"]), await found(hive, gone)
    assert (parent.reply_count, root.reply_count, root.thread_count) == (2, 1, 3)


async def test_a_community_of_ours_takes_only_what_belongs_to_its_discussions(
    home: Home, bob: Them
) -> None:
    nowhere = "https://one.test/notes/nowhere"
    lost = bob.note(inReplyTo=nowhere, cc=[home.garden_uri])
    await home.hears(bob, bob.creates(lost))
    assert await home.find_post(lost["id"]) is None
    assert (await home.last()).state == "dead"
    kept = bob.note(inReplyTo=nowhere, cc=[home.garden_uri], context=f"{home.post_uri}/context")
    await home.hears(bob, bob.creates(kept))
    assert (await found(home, kept["id"])).root_id == home.post


async def test_a_silent_host_is_given_an_hour(hive: Home, bees: Them, bob: Them, eve: Them) -> None:
    missing = in_hive(bees, eve)
    hive.web.silent.add(eve.host)
    reply = in_hive(bees, bob, inReplyTo=missing["id"])
    await relay(hive, bees, bob.creates(reply))
    assert await hive.find_post(reply["id"]) is None
    assert (await hive.last()).waiting_for == missing["id"]
    earlier = new_id(datetime.now(UTC) - timedelta(hours=2))
    row = (await hive.last()).id
    change = update(InboxMessage).where(InboxMessage.id == row).values(id=earlier)
    await hive.app.db.write(lambda session: session.execute(change))
    await hive.make_due()
    assert (await found(hive, reply["id"])).parent_id is not None


async def test_what_is_fetched_may_stand_under_what_is_gone(
    hive: Home, bees: Them, bob: Them
) -> None:
    gone = "https://one.test/notes/gone"
    parent = in_hive(bees, bob, inReplyTo=gone)
    reply = in_hive(bees, bob, inReplyTo=parent["id"])
    await relay(hive, bees, bob.creates(reply))
    place = await found(hive, AWAITED + gone)
    assert (await found(hive, reply["id"])).root_id == place.id
    assert (await found(hive, parent["id"])).parent_id == place.id
    assert await hive.resolver.post(reply["id"])
    in_hive(bees, bob, id=gone, type="Page", name="A start")
    start = await hive.resolver.post(gone)
    assert (await found(hive, reply["id"])).root_id == start


async def test_what_answers_a_reply_that_came_after_the_lock_is_locked_with_it(
    home: Home, bob: Them
) -> None:
    """Whoever had not heard of the lock wrote on: none of it stands here, now or in an hour."""
    branch = bob.note(inReplyTo=home.post_uri, cc=[home.garden_uri])
    await home.hears(bob, bob.creates(branch))
    row_id = (await found(home, branch["id"])).id

    def lock_it(uow: Any) -> None:
        lock(uow, uow.get(Post, row_id), uow.get(Actor, home.ada))

    await home.app.act(lock_it)
    context = f"{home.post_uri}/context"
    late = bob.note(inReplyTo=branch["id"], cc=[home.garden_uri], context=context)
    below = bob.note(inReplyTo=late["id"], cc=[home.garden_uri], context=context)
    deeper = bob.note(inReplyTo=below["id"], cc=[home.garden_uri], context=context)
    await home.hears(bob, *(bob.creates(one) for one in (deeper, late, below)))
    assert (await home.states())[-3:] == ["dead"] * 3
    assert "locked" in ((await home.last()).error or "")
    assert await shown(home, home.post) == [(home.post_uri, 0), (branch["id"], 1)]
