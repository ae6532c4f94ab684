"""A community lives on several servers: all of them end up holding the same threads."""

import pytest

pytestmark = pytest.mark.anyio


async def test_a_thread_grows_on_three_servers(fediverse):
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = [
        await server.person(name) for server, name in ((red, "ada"), (blue, "bob"), (green, "cyd"))
    ]
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await cyd.join(gardeners)
    await fediverse.settle()
    assert set((await red.members(gardeners.uri)).values()) == {"active"}
    assert (await blue.members(gardeners.uri))[bob.uri] == "active"

    frost = await bob.write(gardeners, "Frost in May?", "It was **minus two** last night.")
    await fediverse.settle()
    fleece = await cyd.reply(frost, "Fleece, two layers.")
    await fediverse.settle()
    await ada.reply(fleece, "And water the evening before.")
    await ada.vote(frost)
    await bob.vote(fleece)
    await fediverse.settle()

    held = await red.thread(frost)
    assert [(text, votes, depth) for _, _, text, votes, depth in held] == [
        ("Frost in May?<p>It was <strong>minus two</strong> last night.</p>\n", 1, 0),
        ("<p>Fleece, two layers.</p>\n", 1, 1),
        ("<p>And water the evening before.</p>\n", 0, 2),
    ]
    assert await blue.thread(frost) == held
    assert await green.thread(frost) == held


async def test_edits_and_deletions_reach_everybody(fediverse):
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = await red.person("ada"), await blue.person("bob"), await green.person("cyd")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await cyd.join(gardeners)
    await fediverse.settle()
    frost = await bob.write(gardeners, "Frost in May?")
    await fediverse.settle()
    answer = await cyd.reply(frost, "Fleece.")
    other = await ada.reply(frost, "Straw.")
    await fediverse.settle()

    await bob.edit(frost, "It froze again.")
    await cyd.delete(answer)
    await ada.edit(other, "Straw, and a lot of it.")
    await fediverse.settle()

    held = await red.thread(frost)
    assert [text for _, _, text, _, _ in held] == [
        "Frost in May?<p>It froze again.</p>\n",
        "<p>Straw, and a lot of it.</p>\n",
    ]
    assert await blue.thread(frost) == held
    assert await green.thread(frost) == held

    await bob.delete(frost)
    await fediverse.settle()
    for server in (red, blue, green):
        assert [row[0] for row in await server.thread(frost)] == [other]


async def test_a_vote_can_be_taken_back_and_turned(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    frost = await ada.write(gardeners, "Frost in May?")
    await fediverse.settle()

    async def votes():
        return [(await server.thread(frost))[0][3] for server in (red, blue)]

    await bob.vote(frost)
    await fediverse.settle()
    assert await votes() == [1, 1]
    await bob.vote(frost, 0)
    await fediverse.settle()
    assert await votes() == [0, 0]
    await bob.vote(frost)
    await bob.vote(frost, -1)
    await fediverse.settle()
    assert await votes() == [0, 0]


async def test_who_leaves_hears_no_more(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    await bob.leave(gardeners)
    await fediverse.settle()
    assert bob.uri not in await red.members(gardeners.uri)
    frost = await ada.write(gardeners, "Frost in May?")
    await fediverse.settle()
    assert await blue.thread(frost) == []


async def test_who_joins_later_finds_what_was_said_before(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    frost = await ada.write(gardeners, "Frost in May?")
    await ada.reply(await ada.reply(frost, "I mean real frost."), "Minus five.")
    straw = await ada.write(gardeners, "Straw or fleece?")
    await bob.join(gardeners)
    await fediverse.settle()
    assert [row[0] for row in await blue.thread(straw)] == [straw]
    assert len(await red.thread(frost)) == 3
    assert await blue.thread(frost) == await red.thread(frost)


async def test_a_server_that_was_away_is_told_what_it_missed(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    fediverse.wires.cut.add("blue.test")
    frost = await ada.write(gardeners, "Frost in May?")
    await ada.reply(frost, "Nobody there?")
    await fediverse.settle()
    assert await blue.thread(frost) == []
    fediverse.wires.cut.clear()
    await red.try_again_now("blue.test")
    await fediverse.settle()
    assert await blue.thread(frost) == await red.thread(frost)
    assert len(await red.thread(frost)) == 2


async def test_a_whole_conversation_that_arrives_at_once_is_threaded_without_asking(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    known = await ada.write(gardeners, "Is this thing on?")  # so that blue has met the author
    await fediverse.settle()

    said = [await ada.write(gardeners, "Frost in May?")]
    said += [await ada.reply(said[0], "First.")]
    said += [await ada.reply(said[-1], "To the first.")]
    await red.work()  # everything is brought, nothing is processed yet
    before = len(fediverse.wires.sent)
    assert await blue.house.processor.run_once() == 3
    assert [row[0] for row in await blue.thread(said[0])] == said
    assert fediverse.wires.sent[before:] == []
    assert await blue.thread(known)


async def test_what_is_about_a_post_waits_while_the_post_is_being_fetched(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    eve = await red.person("eve")  # blue has met neither the author nor the voter
    await eve.join(gardeners)
    frost = await eve.write(gardeners, "Frost in May?")
    await ada.vote(frost)
    answer = await ada.reply(frost, "Fleece.")
    await eve.edit(frost, "It froze again.")
    await red.work()
    await blue.house.processor.run_once()  # the post is asked for, all else waits for it
    await fediverse.settle()
    assert len(await blue.thread(frost)) == 2
    assert await blue.thread(frost) == await red.thread(frost)
    assert (await blue.thread(frost))[1][0] == answer
