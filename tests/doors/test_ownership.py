"""Everybody speaks for themselves: what is another's stays as it is, whoever asks for it."""

from collections.abc import Callable
from typing import Any

import pytest

from fedcop.domain.communities.models import Membership
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Vote
from fedcop.uris import PUBLIC
from tests.doors.conftest import Door
from tests.doors.peers import HOME, Peer
from tests.doors.snapshot import KEPT, changed

pytestmark = pytest.mark.anyio
Make = Callable[..., Peer]
_KNOWN = ("hosts", "actors", "keys", "remote_inboxes")
"""Rows of those who speak, which are refreshed from their own host."""


@pytest.fixture
def bob(peer: Make) -> Peer:
    return peer("https://one.test/u/bob", 1)


@pytest.fixture
def eve(peer: Make) -> Peer:
    return peer("https://evil.test/u/eve", 2)


@pytest.fixture
def mallory(peer: Make) -> Peer:
    """Somebody on Bob's own server."""
    return peer("https://one.test/u/mallory", 3)


async def said_by(door: Door, bob: Peer) -> dict[str, Any]:
    """A reply of Bob's under Kofi's discussion, his membership, and his Like."""
    note = bob.note(inReplyTo=door.starter, cc=[door.garden.uri])
    for said in (
        bob.says("Follow", door.garden.uri),
        bob.creates(note),
        bob.says("Like", door.starter),
    ):
        assert (await door.hears(bob, said)).status_code == 202
    assert await door.find(note["id"]) is not None
    return note


async def test_what_is_anothers(door: Door, bob: Peer, eve: Peer, mallory: Peer) -> None:
    note = await said_by(door, bob)
    for thief in (eve, mallory):
        await door.hears(thief, thief.says("Like", door.starter))
        await door.hears(thief, thief.says("Undo", thief.says("Like", door.starter)))
    forged = note | {"content": "<p>FORGED</p>", "updated": "2026-11-20T10:00:00Z"}
    ours = {"id": door.starter, "type": "Article", "name": "FORGED", "content": "FORGED"}
    for thief in (eve, mallory):
        mine = {"attributedTo": thief.uri}
        like = bob.says("Like", door.starter)
        for said in (
            thief.says("Update", forged),
            thief.says("Update", forged | mine),
            thief.says("Update", forged | {"attributedTo": [thief.uri, bob.uri]}),
            thief.says("Update", ours | mine),
            thief.says("Update", ours | {"attributedTo": door.kofi.uri}),
            thief.says("Update", bob.document() | {"name": "FORGED"}),
            thief.says("Update", {"id": door.kofi.uri, "type": "Person", "name": "FORGED"}),
            thief.says("Update", {"id": door.garden.uri, "type": "Group", "name": "FORGED"}),
            thief.says("Delete", note["id"]),
            thief.says("Delete", {"id": note["id"], "type": "Tombstone"}),
            thief.says("Delete", door.starter),
            thief.says("Delete", bob.uri),
            thief.says("Delete", door.kofi.uri),
            thief.says("Delete", door.garden.uri),
            thief.says("Undo", like),
            thief.says("Undo", like | {"actor": thief.uri, "id": like["id"]}),
            thief.says("Undo", bob.says("Follow", door.garden.uri)),
            thief.says("Undo", like["id"]),
            thief.says("Create", note),
            thief.says("Create", forged | mine, to=[PUBLIC]),
            thief.says("Create", ours | mine, to=[PUBLIC]),
            thief.says("Add", thief.uri, target=f"{door.garden.uri}/moderators"),
            thief.says("Remove", door.ana.uri, target=f"{door.garden.uri}/moderators"),
            thief.says("Add", note["id"], target=f"{door.garden.uri}/featured"),
            thief.says("Block", bob.uri, target=door.garden.uri),
            thief.says("Lock", door.starter),
            thief.says("Move", bob.uri, target=thief.uri),
            thief.says("Move", thief.uri, target=door.kofi.uri),
            thief.says("Accept", {"type": "Follow", "actor": bob.uri, "object": door.garden.uri}),
            thief.says("Reject", {"type": "Follow", "actor": bob.uri, "object": door.garden.uri}),
        ):
            before = await door.rows()
            answer = await door.hears(thief, said)
            assert answer.status_code in {202, 400, 401, 403}, said
            but = ("tombstones", "activities") if said["type"] in {"Undo", "Delete"} else ()
            await door.nothing_but(before, *but, *(_KNOWN if said["type"] == "Update" else ()))
    post = await door.find(note["id"])
    assert post is not None
    assert post.is_visible
    assert "FORGED" not in post.html
    names = await door.server.read(lambda s: [a.display_name for a in s.query(Actor)])
    assert "FORGED" not in names
    # the graves of others do not keep the true author away
    later = bob.note(inReplyTo=door.starter)
    await door.hears(mallory, mallory.says("Delete", later["id"]))
    await door.hears(eve, eve.says("Delete", later["id"]))
    await door.hears(bob, bob.creates(later))
    assert await door.find(later["id"]) is not None


async def test_what_belongs_to_no_one_who_says_it(door: Door, bob: Peer, eve: Peer) -> None:
    """A new post under another's name, or with another's id, is not published."""
    await said_by(door, bob)
    await door.hears(eve, eve.says("Like", door.starter))
    place: dict[str, Any] = {"inReplyTo": door.starter, "cc": [door.garden.uri]}
    before = await door.rows()
    for more in (
        {"attributedTo": bob.uri},
        {"attributedTo": [bob.uri, eve.uri]},
        {"attributedTo": [bob.uri]},
        {"attributedTo": door.kofi.uri},
        {"attributedTo": 7},
        {"attributedTo": None},
        {"attributedTo": {"id": bob.uri, "type": "Person", "name": "FORGED"}},
        {"id": "https://one.test/notes/stolen"},
        {"id": f"https://{HOME}/comment/7"},
        {"id": f"https://{HOME}/post/7"},
        {"id": "https://evil.test@one.test/x"},
        {"id": None},
        {"id": [f"https://{eve.host}/a", "https://one.test/b"]},
    ):
        note = eve.note(**place) | more
        answer = await door.hears(eve, eve.creates(note))
        assert answer.status_code in {202, 400}, more
        assert changed(before, await door.rows(), KEPT) == set(), more
    # of several authors only the one who signed is shown
    both = eve.note(**place) | {"attributedTo": [eve.uri, bob.uri]}
    await door.hears(eve, eve.creates(both))
    post = await door.find(str(both["id"]))
    assert post is not None
    assert post.author_id == await door.server.meet(eve.uri)
    # what is embedded besides is nobody's word
    parent = {"id": bob.mint("notes"), "type": "Note", "attributedTo": bob.uri, "content": "FORGED"}
    liar = eve.note(
        inReplyTo=parent,
        cc=[door.garden.uri],
        replies={"type": "Collection", "items": [parent]},
        likes={"type": "Collection", "totalItems": 9_999},
    )
    await door.hears(eve, eve.creates(liar))
    assert await door.find(parent["id"]) is None


async def test_one_vote_each(door: Door, bob: Peer, eve: Peer) -> None:
    """However many ids and verbs it has, it is one vote of one actor."""
    for number in range(30):
        verb = ("Like", "EmojiReact", "Like")[number % 3]
        await door.hears(eve, eve.says(verb, door.starter, content="⭐"))
    post = await door.find(door.starter)
    assert post is not None
    assert (post.likes, post.dislikes) == (1, 0)
    for _ in range(3):
        await door.hears(eve, eve.says("Dislike", door.starter))
    post = await door.find(door.starter)
    assert post is not None
    assert (post.likes, post.dislikes) == (0, 1)
    assert await door.server.read(lambda s: s.query(Vote).count()) == 1
    await door.hears(bob, bob.says("Like", door.starter) | {"actor": eve.uri})
    for thing in ([door.starter], [door.starter] * 5, {"id": door.starter}):
        await door.hears(bob, bob.says("Like", thing))
    assert await door.server.read(lambda s: s.query(Vote).count()) <= 2


async def test_squatted_ids(door: Door, bob: Peer, eve: Peer) -> None:
    """Who is first with another's id has not shut its owner out."""
    note = bob.note(inReplyTo=door.starter)
    create = bob.creates(note)
    like = bob.says("Like", door.starter)
    for thief_says in (
        eve.says("Like", door.starter) | {"id": like["id"]},
        eve.creates(eve.note(inReplyTo=door.starter)) | {"id": create["id"]},
        eve.creates(eve.note(inReplyTo=door.starter) | {"id": note["id"]}),
        eve.says("Undo", like | {"actor": eve.uri}),
        eve.says("Undo", like["id"]),
        eve.says("Delete", note["id"]),
    ):
        assert (await door.hears(eve, thief_says)).status_code in {202, 400, 401, 403}
    await door.hears(bob, create)
    await door.hears(bob, like)
    post, starter = await door.find(note["id"]), await door.find(door.starter)
    assert post is not None
    assert starter is not None
    assert starter.likes == 1


async def test_memberships_that_nobody_asked_for(door: Door, bob: Peer, eve: Peer) -> None:
    """Neither can others join for Kofi, nor be joined by an Accept of what was never asked."""
    bees = Peer(door.web, "https://hive.test/c/bees", 4, type="Group").live()
    wasps = Peer(door.web, "https://evil.test/c/wasps", 5, type="Group").live()
    for group in (bees, wasps):
        await door.server.meet(group.uri)
    before = await door.rows()
    asked = {"id": f"https://{HOME}/activity/9", "type": "Follow", "actor": door.kofi.uri}
    for who, said in (
        (eve, eve.says("Follow", door.garden.uri) | {"actor": bob.uri}),
        (eve, eve.says("Follow", [door.garden.uri, bob.uri])),
        (eve, eve.says("Follow", door.kofi.uri)),
        (bees, bees.says("Accept", asked | {"object": bees.uri})),
        (bees, bees.says("Accept", asked["id"])),
        (wasps, wasps.says("Accept", asked | {"object": bees.uri})),
        (wasps, wasps.says("Reject", asked | {"object": door.garden.uri})),
        (eve, eve.says("Accept", asked | {"object": bees.uri})),
    ):
        assert (await door.hears(who, said)).status_code in {202, 400, 401, 403}, said
        if said["type"] != "Follow":
            await door.nothing_but(before, *_KNOWN)
        before = await door.rows()
    await door.listens_to(bees)
    before = await door.rows()
    for who in (wasps, eve):
        for verb in ("Reject", "Accept"):
            await door.hears(who, who.says(verb, asked | {"object": bees.uri}))
            await door.nothing_but(before, *_KNOWN)
    uris = await door.server.read(
        lambda s: {
            (one.uri, m.community_id)
            for m in s.query(Membership)
            for one in s.query(Actor).filter_by(id=m.actor_id)
        }
    )
    assert {uri for uri, _ in uris} == {door.ana.uri, door.kofi.uri}
