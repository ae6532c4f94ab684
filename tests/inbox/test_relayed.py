"""What a community says that others have said: believed only where its word, or theirs, counts."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post, ReportedVote, Vote
from fedcop.errors import Unproved
from fedcop.inbox.models import InboxMessage
from fedcop.uris import PUBLIC
from tests.inbox.world import AS, Home, Them

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hive(home: Home, bees: Them) -> Home:
    await home.joins(bees.uri)
    return home


@pytest.fixture
def bill(them: Callable[..., Them]) -> Them:
    """A person on the community's own host."""
    return them("https://hive.test/u/bill", key=3)


def in_hive(bees: Them, them: Them, **more: Any) -> dict[str, Any]:
    return them.note(audience=bees.uri, cc=[bees.uri], **more)


async def relay(home: Home, bees: Them, *inner: Any) -> None:
    await home.hears(bees, *(bees.says("Announce", one, to=[PUBLIC]) for one in inner))


async def discussion(home: Home, bees: Them, by: Them, **more: Any) -> dict[str, Any]:
    note = in_hive(bees, by, type="Page", name="Swarming", **more)
    await relay(home, bees, by.creates(note))
    return note


async def test_on_one_host_the_signature_counts(hive: Home, bees: Them, bill: Them) -> None:
    note = await discussion(hive, bees, bill)
    post = await hive.find_post(note["id"])
    assert post is not None
    assert post.title == "Swarming"
    assert note["id"] not in hive.web.asked
    await relay(hive, bees, bill.says("Like", note["id"]))
    assert await hive.count(Vote) == 0 or post.author_id  # the author's own like is not counted
    await relay(hive, bees, bill.says("Update", note | {"content": "x", "updated": "2026-11-05"}))
    await relay(hive, bees, bill.says("Delete", note["id"]))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert post.deleted_at is not None


async def test_the_copy_of_the_authors_host_is_used(hive: Home, bees: Them, bob: Them) -> None:
    note = in_hive(bees, bob, type="Page", name="Swarming")
    forged = note | {"content": "<p>Words that Bob never said.</p>"}
    await relay(hive, bees, bob.creates(forged))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert "never said" not in post.html
    assert "Rotate the chair" in post.html
    changed = note | {"content": "<p>New.</p>", "updated": "2026-11-05T10:00:00Z"}
    hive.web.documents[note["id"]] = changed
    await relay(hive, bees, bob.says("Update", changed | {"content": "<p>Forged.</p>"}))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert post.html == "<p>New.</p>"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda n: 404,
        lambda n: n | {"attributedTo": "https://one.test/u/other"},
        lambda n: n | {"attributedTo": "https://evil.test/u/eve"},
        lambda n: n | {"to": [], "cc": []},
        lambda n: n | {"audience": [], "cc": []},
        lambda n: n | {"id": "https://one.test/other"},
        lambda n: n | {"type": "Person", "inbox": "https://one.test/i"},
    ],
)
async def test_what_the_authors_host_does_not_confirm(
    hive: Home, bees: Them, bob: Them, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    note = in_hive(bees, bob)
    hive.web.documents[note["id"]] = spoil(note)
    await relay(hive, bees, bob.creates(note))
    assert await hive.find_post(note["id"]) is None
    assert (await hive.last()).state == "dead"


async def test_a_silent_host_is_asked_again(hive: Home, bees: Them, bob: Them) -> None:
    note = in_hive(bees, bob)
    hive.web.silent.add("one.test")
    await relay(hive, bees, bob.creates(note))
    assert (await hive.last()).state == "waiting"
    assert await hive.find_post(note["id"]) is None
    hive.web.silent.clear()
    await hive.make_due()
    assert await hive.find_post(note["id"]) is not None


async def test_what_is_about_a_post_that_its_host_does_not_confirm_yet_waits_with_it(
    hive: Home, bees: Them, bob: Them
) -> None:
    notes = [in_hive(bees, bob, type="Page", name="Swarming") for _ in range(5)]
    later = {"content": "<p>Mind the queen.</p>", "updated": "2026-11-05T10:00:00Z"}
    creates = [bees.says("Announce", bob.creates(note)) for note in notes]
    updates = [bees.says("Announce", bob.says("Update", note | later)) for note in notes]
    hive.web.silent.add("one.test")
    for document in creates:
        await hive.receiver.receive(bees.request(document), AS)
    await hive.processor.run_once()
    await asyncio.wait(hive.processor._gathering.values())
    for document in updates:  # come into one batch with those for which was asked in vain
        await hive.receiver.receive(bees.request(document), AS)
    await hive.processor.settle()
    assert set(await hive.states()) == {"waiting"}
    hive.web.silent.clear()
    hive.web.documents |= {note["id"]: note | later for note in notes}
    await hive.make_due()
    assert set(await hive.states()) == {"done"}
    posts = [await hive.find_post(note["id"]) for note in notes]
    assert all(post is not None and "Mind the queen." in post.html for post in posts)


async def test_a_proof_travels_with_what_was_said(hive: Home, bees: Them, bob: Them) -> None:
    note = in_hive(bees, bob, type="Page", name="Swarming")
    create = bob.proves(bob.creates(note))
    hive.web.documents.pop(note["id"])
    del create["@context"]  # as PieFed and Mbin do
    await relay(hive, bees, create)
    assert await hive.find_post(note["id"]) is not None
    await relay(hive, bees, bees.note() and bob.proves(bob.says("Dislike", note["id"])))
    fan = Them(bob.web, "https://two.test/u/fan", bob.rsa, bob.ed25519).live()
    await relay(hive, bees, fan.proves(fan.says("Like", note["id"])))
    votes = await hive.row(Vote)
    assert votes.value == 1
    post = await hive.find_post(note["id"])
    assert post is not None
    assert (post.likes, post.reported_likes) == (1, 0)


async def test_proofs_that_prove_nothing(hive: Home, bees: Them, bob: Them, eve: Them) -> None:
    note = in_hive(bees, bob)
    hive.web.documents.pop(note["id"])
    changed = bob.proves(bob.creates(note)) | {"summary": "changed"}
    by_another = eve.proves(bob.creates(note))
    unknown = bob.proves(bob.creates(note))
    unknown["proof"]["verificationMethod"] = f"{bob.uri}#none"
    for create in (changed, by_another, unknown):
        await relay(hive, bees, create | {"id": f"{create['id']}/{len(hive.web.asked)}"})
        assert (await hive.last()).state == "dead"
    assert await hive.find_post(note["id"]) is None


async def test_votes_that_only_the_community_reports(
    hive: Home, bees: Them, bill: Them, bob: Them, eve: Them
) -> None:
    note = await discussion(hive, bees, bill)
    hive.web.asked.clear()
    votes = [bob.says("Like", note["id"]), eve.says("Dislike", note["id"])]
    batch = {"type": "OrderedCollection", "orderedItems": votes}
    await relay(hive, bees, batch)
    await relay(hive, bees, bob.says("Like", note["id"]))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert (post.likes, post.reported_likes, post.reported_dislikes) == (0, 1, 1)
    names = [row.voter for row in [await hive.row(ReportedVote, ReportedVote.value == 1)]]
    assert bob.uri not in names[0]
    await relay(hive, bees, bob.says("Undo", bob.says("Like", note["id"])))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert (post.reported_likes, post.reported_dislikes) == (0, 1)
    assert hive.web.asked == []


async def test_a_batch_of_votes_with_a_bad_one(
    hive: Home, bees: Them, bill: Them, bob: Them, eve: Them
) -> None:
    note = await discussion(hive, bees, bill)
    votes = [
        bob.says("Like", note["id"]),
        eve.says("Like", hive.post_uri),  # in another community
        bob.says("Announce", note["id"]),
        bob.says("Like", note["id"]) | {"id": "https://evil.test/a/1"},
    ]
    await relay(hive, bees, votes)
    post = await hive.find_post(note["id"])
    assert post is not None
    assert post.reported_likes == 1
    ours = await hive.row(Post, Post.id == hive.post)
    assert ours.reported_likes == 0


async def test_a_relayed_delete_hides_at_once_and_counts_when_confirmed(
    hive: Home, bees: Them, bob: Them
) -> None:
    one, two = await discussion(hive, bees, bob), await discussion(hive, bees, bob)
    await relay(hive, bees, bob.says("Delete", one["id"]))
    hidden = await hive.find_post(one["id"])
    assert hidden is not None
    assert hidden.removed_at is not None
    assert hidden.deleted_at is None
    hive.web.documents[two["id"]] = {"id": two["id"], "type": "Tombstone"}
    await relay(hive, bees, bob.says("Delete", two["id"]))
    gone = await hive.find_post(two["id"])
    assert gone is not None
    assert gone.deleted_at is not None


async def test_a_community_takes_out_what_is_its_own_and_no_more(
    hive: Home, bees: Them, bill: Them, bob: Them, them: Callable[..., Them]
) -> None:
    wasps = them("https://hive.test/c/wasps", type="Group")
    await hive.joins(wasps.uri)
    one, two = await discussion(hive, bees, bob), await discussion(hive, bees, bob)
    await hive.hears(wasps, wasps.says("Announce", bill.says("Delete", one["id"])))
    await relay(hive, bees, bill.says("Delete", hive.post_uri))
    for uri in (one["id"], hive.post_uri):
        post = await hive.find_post(uri)
        assert post is not None
        assert post.is_visible
    await relay(hive, bees, bill.says("Delete", one["id"], summary="off topic"))
    await hive.hears(bees, bees.says("Delete", two["id"]))
    await relay(hive, bees, bill.says("Delete", "https://one.test/notes/unheard"))
    for uri in (one["id"], two["id"]):
        post = await hive.find_post(uri)
        assert post is not None
        assert post.removed_at is not None


async def test_a_community_cannot_speak_for_people(
    hive: Home, bees: Them, bob: Them, eve: Them
) -> None:
    """A48: forged by a group, of every kind."""
    await hive.resolver.actor(bob.uri)
    garden = await hive.row(Community, Community.actor_id == hive.garden)
    members = garden.members_count
    local = {"id": f"{hive.post_uri}9", "type": "Note", "attributedTo": hive.ada_uri}
    await relay(
        hive,
        bees,
        bob.says("Follow", hive.garden_uri),
        bob.says("Delete", bob.uri),
        bob.says("Update", bob.document() | {"name": "Forged"}),
        bob.says("Accept", "https://cop.test/activity/7"),
        {"id": "https://cop.test/activity/8", "type": "Create", "actor": hive.ada_uri}
        | {"object": local},
        bees.says("Announce", bob.creates(bob.note())),
    )
    assert await hive.count(Post) == 1
    actor = await hive.row(Actor, Actor.uri == bob.uri)
    assert actor.deleted_at is None
    assert actor.display_name == ""
    garden = await hive.row(Community, Community.actor_id == hive.garden)
    assert garden.members_count == members


async def test_nobody_listens_to_a_community_that_nobody_joined(
    home: Home, bees: Them, bob: Them
) -> None:
    note = in_hive(bees, bob)
    await relay(home, bees, bob.creates(note), note["id"])
    assert await home.states() == ["done", "done"]
    assert note["id"] not in home.web.asked
    assert await home.count(Post) == 1


async def test_an_announced_id_is_published(hive: Home, bees: Them, bob: Them) -> None:
    note = in_hive(bees, bob, name="Swarming", type="Page")
    await relay(hive, bees, note["id"], note["id"], note)
    assert await hive.find_post(note["id"]) is not None
    await relay(hive, bees, hive.post_uri)
    elsewhere = bob.note()
    await relay(hive, bees, elsewhere["id"])
    assert await hive.find_post(elsewhere["id"]) is None


async def test_a_relayed_reply_brings_what_it_answers(
    hive: Home, bees: Them, bob: Them, eve: Them
) -> None:
    top = in_hive(bees, bob, type="Page", name="Swarming")
    reply = in_hive(bees, eve, inReplyTo=top["id"])
    await relay(hive, bees, eve.creates(reply))
    root, child = await hive.find_post(top["id"]), await hive.find_post(reply["id"])
    assert root is not None
    assert child is not None
    assert child.parent_id == root.id


async def test_an_update_of_what_we_never_saw_brings_it(hive: Home, bees: Them, bob: Them) -> None:
    note = in_hive(bees, bob, type="Page", name="Swarming", updated="2026-11-05T10:00:00Z")
    await relay(hive, bees, bob.says("Update", note))
    assert await hive.find_post(note["id"]) is not None


async def test_a_direct_post_in_a_community_elsewhere(
    hive: Home, bees: Them, bob: Them, bill: Them
) -> None:
    """Its community announces it, or does not want it; from the community's host it is taken."""
    stranger, neighbour = in_hive(bees, bob), in_hive(bees, bill)
    await hive.hears(bob, bob.creates(stranger))
    await hive.hears(bill, bill.creates(neighbour))
    assert await hive.find_post(stranger["id"]) is None
    assert await hive.find_post(neighbour["id"]) is not None


def passed_on(activity: dict[str, Any]) -> dict[str, Any]:
    """As servers forward it: only what carries a signature of its own (Mastodon)."""
    made = {"type": "RsaSignature2017", "creator": f"{activity['actor']}#main-key"}
    return activity | {"signature": made | {"signatureValue": "bm90IGxvb2tlZCBhdA=="}}


async def test_what_is_not_vouched_for_is_not_forwarded(home: Home, bob: Them, eve: Them) -> None:
    with pytest.raises(Unproved):
        await home.hears(eve, bob.creates(bob.note(inReplyTo=home.post_uri)))
    assert await home.count(Actor, Actor.uri == eve.uri) == 0
    assert await home.count(InboxMessage) == 0


async def test_what_is_forwarded_is_fetched(home: Home, bob: Them, eve: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    forged = note | {"content": "<p>Forged.</p>"}
    await home.hears(eve, passed_on(bob.creates(forged)))
    post = await home.find_post(note["id"])
    assert post is not None
    assert "Forged" not in post.html
    await home.hears(eve, passed_on(bob.says("Delete", note["id"])))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.is_visible
    home.web.documents[note["id"]] = 410
    await home.hears(eve, passed_on(bob.says("Delete", note["id"])))
    post = await home.find_post(note["id"])
    assert post is not None
    assert post.deleted_at is not None
    for activity in (bob.says("Announce", home.post_uri), bob.says("Delete", bob.uri)):
        await home.hears(eve, passed_on(activity))
    assert (await home.row(Actor, Actor.uri == bob.uri)).deleted_at is None


async def test_a_squatted_activity_id_does_not_shut_out_its_owner(
    home: Home, bob: Them, eve: Them
) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    create = bob.creates(note)
    home.web.documents[note["id"]] = 404
    await home.hears(eve, passed_on(create | {"object": note["id"]}))
    assert await home.find_post(note["id"]) is None
    await home.hears(bob, create)
    assert await home.find_post(note["id"]) is not None
    keys = {one.key.split()[0] for one in [await home.last()]}
    assert keys == {"one.test"}
    assert await home.count(InboxMessage) == 2
    assert json.dumps(create)


async def test_a_stranger_does_not_speak_for_the_community(
    hive: Home, bees: Them, bill: Them, bob: Them, eve: Them
) -> None:
    """Eve passes on announcements that the community never made."""
    note = await discussion(hive, bees, bill)
    forged = in_hive(bees, bill, type="Page", name="Forged")
    hive.web.documents[forged["id"]] = 404
    for inner in (
        bill.says("Delete", note["id"]),
        bob.says("Like", note["id"]),
        bill.creates(forged),
        bill.says("Update", note | {"content": "Forged", "updated": "2026-11-05T10:00:00Z"}),
    ):
        await hive.hears(eve, passed_on(bees.says("Announce", inner, to=[PUBLIC])))
    post = await hive.find_post(note["id"])
    assert post is not None
    assert post.is_visible
    assert "Forged" not in post.html
    assert (post.likes, post.reported_likes) == (0, 0)
    assert await hive.find_post(forged["id"]) is None
