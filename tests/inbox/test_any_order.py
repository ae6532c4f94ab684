"""Whatever the order in which it arrives, the same state stands at the end."""

from itertools import permutations
from typing import Any

import pytest

from fedcop.domain.posts.models import Post, Vote
from fedcop.inbox.models import InboxMessage
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio


async def end(home: Home, uri: str) -> tuple[Any, ...]:
    post = await home.find_post(uri)
    votes = await home.count(Vote, Vote.value != 0)
    if post is None or post.deleted_at is not None:
        return ("gone", votes)
    return (post.html, post.likes, votes)


async def test_create_update_like_undo(home: Home, bob: Them, eve: Them) -> None:
    """Eve likes and takes it back, Bob says something and changes it: 24 orders."""
    ends = set()
    for order in permutations(range(4)):
        note = bob.note(inReplyTo=home.post_uri)
        home.web.documents.pop(note["id"])
        like = eve.says("Like", note["id"])
        edit = note | {"content": "<p>Better.</p>", "updated": "2026-11-02T10:00:00Z"}
        said = [
            (bob, bob.creates(note)),
            (bob, bob.says("Update", edit)),
            (eve, like),
            (eve, eve.says("Undo", like)),
        ]
        for index in order:
            await home.hears(*said[index])
        ends.add(await end(home, note["id"]))
    assert ends == {("<p>Better.</p>", 0, 0)}
    assert set(await home.states()) == {"done"}


async def test_with_a_delete(home: Home, bob: Them, eve: Them) -> None:
    ends = set()
    for order in permutations(range(4)):
        note = bob.note(inReplyTo=home.post_uri)
        home.web.documents.pop(note["id"])
        edit = note | {"content": "<p>Better.</p>", "updated": "2026-11-02T10:00:00Z"}
        said = [
            (bob, bob.creates(note)),
            (bob, bob.says("Update", edit)),
            (bob, bob.says("Delete", note["id"])),
            (eve, eve.says("Like", note["id"])),
        ]
        for index in order:
            await home.hears(*said[index])
        ends.add((await end(home, note["id"]))[0])
    assert ends == {"gone"}


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
