"""What comes before what it answers waits for it, or fetches it; more in tests/convergence."""

import pytest

from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio


async def test_a_reply_waits_for_what_it_answers(home: Home, bob: Them, eve: Them) -> None:
    first = bob.note(inReplyTo=home.post_uri)
    second = eve.note(inReplyTo=first["id"], cc=[home.garden_uri])
    home.web.silent.add("one.test")
    await home.hears(eve, eve.creates(second))
    message = await home.last()
    assert (message.state, message.waiting_for, message.attempts) == ("waiting", first["id"], 1)
    assert await home.find_post(second["id"]) is None
    home.web.silent.clear()
    await home.hears(bob, bob.creates(first))
    assert set(await home.states()) == {"done"}
    parent, child = await home.find_post(first["id"]), await home.find_post(second["id"])
    assert parent is not None
    assert child is not None
    assert child.parent_id == parent.id
    assert await home.count(InboxMessage, InboxMessage.waiting_for.is_not(None)) == 0


async def test_what_a_reply_answers_is_fetched(home: Home, bob: Them, eve: Them) -> None:
    first = bob.note(inReplyTo=home.post_uri)
    second = bob.note(inReplyTo=first["id"])
    third = eve.note(inReplyTo=second["id"], cc=[home.garden_uri])
    await home.hears(eve, eve.creates(third))
    assert await home.states() == ["done"]
    assert await home.count(Post) == 4
    root = await home.row(Post, Post.id == home.post)
    assert (root.reply_count, root.thread_count) == (1, 3)


async def test_what_a_reply_answers_is_gone(home: Home, bob: Them, eve: Them) -> None:
    for status in (404, 410):
        home.web.documents[f"https://one.test/{status}"] = status
        note = eve.note(inReplyTo=f"https://one.test/{status}", cc=[home.garden_uri])
        await home.hears(eve, eve.creates(note))
        assert (await home.last()).state == "dead"
    local = eve.note(inReplyTo="https://cop.test/post/7", cc=[home.garden_uri])
    await home.hears(eve, eve.creates(local))
    assert await home.count(Post) == 1


async def test_nothing_is_fetched_for_what_does_not_concern_us(home: Home, eve: Them) -> None:
    await home.receiver.receive(eve.request(eve.says("Like", home.post_uri)), AS)
    home.web.asked.clear()
    await home.hears(eve, eve.creates(eve.note(inReplyTo="https://one.test/notes/x")))
    await home.hears(eve, eve.says("Create", "https://one.test/notes/x"))
    assert home.web.asked == []
