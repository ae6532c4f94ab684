"""Many people do something at the same moment: each of it counts, on both databases."""

import asyncio

import pytest
from sqlalchemy import select

from fedcop.domain.communities.models import Community
from fedcop.domain.posts.models import Post

pytestmark = pytest.mark.anyio


async def test_what_many_say_and_take_back_at_the_same_moment_is_all_counted(fediverse):
    [red] = await fediverse("red.test")
    ada = await red.person("ada")
    crowd = [await red.person(f"p{number}") for number in range(6)]
    gardeners = await red.community("gardeners", ada)
    frost = await ada.write(gardeners, "Frost?")

    async def counts():
        def query(session):
            post = session.scalars(select(Post).where(Post.uri == frost)).one()
            place = session.get_one(Community, gardeners.id)
            about = (post.reply_count, post.thread_count, post.likes, post.dislikes)
            return (*about, place.threads_count, place.members_count)

        return await red.read(query)

    await asyncio.gather(*(one.join(gardeners) for one in crowd))
    said = await asyncio.gather(
        *(one.reply(frost, f"Fleece, says {one.name}.") for one in crowd),
        *(one.vote(frost) for one in crowd),
        *(one.write(gardeners, f"A question of {one.name}") for one in crowd),
    )
    assert await counts() == (6, 6, 6, 0, 7, 7)
    await asyncio.gather(
        *(one.reply(said[0], "How many layers?") for one in crowd[:4]),
        *(one.delete(uri) for one, uri in zip(crowd[1:4], said[1:4], strict=True)),
        *(one.vote(frost, -1) for one in crowd[:2]),
        *(one.vote(frost, 0) for one in crowd[2:4]),
        *(one.leave(gardeners) for one in crowd[4:]),
    )
    assert await counts() == (3, 7, 2, 2, 7, 5)


async def test_a_button_that_is_pressed_twice_counts_once(fediverse):
    [red] = await fediverse("red.test")
    ada, bob = await red.person("ada"), await red.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    frost = await ada.write(gardeners, "Frost?")
    await asyncio.gather(*(bob.vote(frost) for _ in range(4)))
    reply = await bob.reply(frost, "Fleece.")
    await asyncio.gather(*(bob.delete(reply) for _ in range(4)))
    post = await red.read(lambda s: s.scalars(select(Post).where(Post.uri == frost)).one())
    assert (post.likes, post.reply_count, post.thread_count) == (1, 0, 0)
