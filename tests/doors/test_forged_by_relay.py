"""What a stranger says in the name of a community, or a community in the name of people."""

from collections.abc import Callable
from typing import Any

import pytest

from fedcop.uris import PUBLIC
from tests.doors.conftest import Door
from tests.doors.peers import Peer, always

pytestmark = pytest.mark.anyio
Make = Callable[..., Peer]


async def test_an_announce_of_a_community_that_a_stranger_signed(door: Door, peer: Make) -> None:
    """Forwarded is not said: nothing in it counts until the community's own host confirms it."""
    bees = peer("https://hive.test/c/bees", 1, type="Group")
    bob, eve = peer("https://one.test/u/bob", 2), peer("https://evil.test/u/eve", 3)
    await door.listens_to(bees)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    await door.hears(bees, bees.says("Announce", bob.creates(note)))
    assert await door.find(note["id"]) is not None
    before = await door.rows()
    for inner in (
        bob.says("Delete", note["id"]),
        bees.says("Delete", note["id"]),
        bob.says("Like", note["id"]),
        bob.says("Undo", bob.says("Like", note["id"])),
        bob.creates(bob.note(audience=bees.uri, served=False)),
        bob.says("Update", note | {"content": "FORGED", "updated": "2026-11-03T10:00:00Z"}),
    ):
        said = await door.hears(eve, bees.says("Announce", inner))
        assert said.status_code in {202, 401, 403}, inner
        await door.nothing_but(before, "hosts", "actors", "keys", "remote_inboxes")


async def test_what_a_community_may_not_say(door: Door, peer: Make) -> None:
    """It is believed about what is in it, and about nothing that people said or another owns."""
    bees = peer("https://hive.test/c/bees", 1, type="Group")
    wasps = peer("https://nest.test/c/wasps", 4, type="Group")
    bob, eve = peer("https://one.test/u/bob", 2), peer("https://evil.test/u/eve", 3)
    await door.listens_to(bees)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    other = bob.note(inReplyTo=door.starter, cc=[door.garden.uri])
    await door.hears(bees, bees.says("Announce", bob.creates(note)))
    await door.hears(bob, bob.creates(other))
    await door.hears(eve, eve.says("Like", door.starter))
    await door.server.meet(wasps.uri)
    forged = note | {"content": "<p>FORGED</p>", "updated": "2026-11-20T10:00:00Z"}
    ours = {"id": door.starter, "type": "Article", "content": "FORGED"}
    create = bob.creates(bob.note(served=False, to=[PUBLIC, bees.uri], audience=bees.uri))
    for said in (
        bees.says("Announce", create),
        bees.says("Announce", create | {"object": create["object"]["id"]}),
        bees.says("Announce", bob.says("Update", forged)),
        bees.says("Announce", bob.says("Delete", bob.uri)),
        bees.says("Announce", bob.says("Delete", other["id"])),
        bees.says("Announce", bob.says("Like", other["id"])),
        bees.says("Announce", bob.says("Follow", door.garden.uri)),
        bees.says("Announce", {**create, "actor": door.kofi.uri}),
        bees.says("Announce", bees.says("Update", ours)),
        bees.says("Announce", bees.says("Delete", door.starter)),
        bees.says("Announce", bees.says("Delete", other["id"])),
        bees.says("Announce", bees.says("Announce", bob.says("Delete", note["id"]))),
        bees.says("Announce", bees.says("Announce", bob.creates(note))),
        bees.says("Announce", wasps.says("Announce", bob.says("Delete", note["id"]))),
        bees.says("Announce", create | {"id": "https://hive.test/activities/stolen"}),
        bees.says("Announce", "https://one.test/nothing"),
        bees.says("Announce", "https://127.0.0.1/nothing"),
        bees.says("Announce", f"https://{bees.host}/c/bees"),
    ):
        before = await door.rows()
        assert (await door.hears(bees, said)).status_code in {202, 400}, said
        await door.nothing_but(before, "actors", "keys", "hosts", "remote_inboxes")
    for who in (wasps, eve, bob):
        for inner in (
            bob.says("Delete", note["id"]),
            bob.creates(bob.note(audience=bees.uri, served=False)),
            bees.says("Delete", note["id"]),
            eve.says("Like", note["id"])
            | {"actor": "https://x.test/u/x", "id": "https://x.test/1"},
        ):
            if inner["actor"] == who.uri:
                continue
            before = await door.rows()
            assert (await door.hears(who, who.says("Announce", inner))).status_code in {202, 400}
            await door.nothing_but(before, "actors", "keys", "hosts", "remote_inboxes")
    post = await door.find(note["id"])
    assert post is not None
    assert post.is_visible


async def test_votes_that_only_a_community_reports(door: Door, peer: Make) -> None:
    """They are counted apart, once for each name, and name nobody."""
    bees, bob = peer("https://hive.test/c/bees", 1, type="Group"), peer("https://one.test/u/bob", 2)
    await door.listens_to(bees)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    await door.hears(bees, bees.says("Announce", bob.creates(note)))
    before = await door.rows()
    voter = Peer(door.web, "https://two.test/u/voter", 5)
    for _ in range(5):
        await door.hears(bees, bees.says("Announce", voter.says("Like", note["id"])))
    post = await door.find(note["id"])
    assert post is not None
    assert (post.likes, post.reported_likes) == (0, 1)
    await door.nothing_but(before, "posts", "reported_votes")
    like = voter.says("Like", note["id"])
    await door.hears(bees, bees.says("Announce", voter.says("Undo", like)))
    post = await door.find(note["id"])
    assert post is not None
    assert (post.likes, post.reported_likes) == (0, 0)
    assert door.web.asked_of("two.test") == []


async def test_a_relayed_post_whose_origin_is_silent(door: Door, peer: Make) -> None:
    """Nothing of it is shown until its own host confirms it, and then what that host says."""
    bees, bob = peer("https://hive.test/c/bees", 1, type="Group"), peer("https://one.test/u/bob", 2)
    await door.listens_to(bees)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    door.web.silent.add(bob.host)
    before = await door.rows()
    await door.hears(bees, bees.says("Announce", bob.creates(note | {"content": "FORGED"})))
    await door.nothing_but(before)
    await door.again()
    await door.nothing_but(before)
    door.web.silent.clear()
    await door.again()
    post = await door.find(note["id"])
    assert post is not None
    assert post.is_visible
    assert "Rotate" in post.html
    # the author deletes it, and only the community says so: hidden at once, gone when confirmed
    await door.hears(bees, bees.says("Announce", bob.says("Delete", note["id"])))
    post = await door.find(note["id"])
    assert post is not None
    assert post.removed_at is not None
    assert post.deleted_at is None
    door.web.replies[note["id"]] = 410
    await door.hears(bees, bees.says("Announce", bob.says("Delete", note["id"])))
    post = await door.find(note["id"])
    assert post is not None
    assert post.deleted_at is not None
    assert post.html == ""


async def test_a_relayed_post_whose_origin_has_it_not(door: Door, peer: Make) -> None:
    bees, bob = peer("https://hive.test/c/bees", 1, type="Group"), peer("https://one.test/u/bob", 2)
    await door.listens_to(bees)
    for reply in (
        404,
        410,
        always({"id": "x"}),
        always({"id": bob.uri, "type": "Note", "content": "FORGED"}),
        always(b"<html>", "text/html"),
    ):
        note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
        door.web.replies[note["id"]] = reply
        before = await door.rows()
        await door.hears(bees, bees.says("Announce", bob.creates(note)))
        await door.nothing_but(before, "actors", "keys", "hosts", "remote_inboxes")
    others: tuple[dict[str, Any], ...] = (
        {"to": [bees.uri]},
        {"audience": None, "to": [PUBLIC]},
        {"attributedTo": bees.uri},
    )
    for more in others:
        note = bob.note(**({"to": [PUBLIC, bees.uri], "audience": bees.uri} | more))
        before = await door.rows()
        await door.hears(bees, bees.says("Announce", bob.creates(note)))
        await door.nothing_but(before, "actors", "keys", "hosts", "remote_inboxes")


async def test_a_group_that_nobody_here_follows(door: Door, peer: Make) -> None:
    bees, bob = peer("https://hive.test/c/bees", 1, type="Group"), peer("https://one.test/u/bob", 2)
    note = bob.note(to=[PUBLIC, bees.uri], audience=bees.uri)
    await door.server.meet(bees.uri)
    before, asked = await door.rows(), len(door.web.asked)
    for thing in (bob.creates(note), note["id"], note, bob.says("Like", door.starter)):
        assert (await door.hears(bees, bees.says("Announce", thing))).status_code == 202
    await door.nothing_but(before)
    assert len(door.web.asked) == asked
