"""Add, Remove, Lock, Delete with a reason, and their Undo, as Lemmy, PieFed and Mbin say them."""

from collections.abc import Callable
from typing import Any

import pytest

from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.inbox.models import InboxMessage
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


@pytest.fixture
async def eva(home: Home, them: Callable[..., Them]) -> Them:
    """A steward of ours who lives elsewhere."""
    eva = them("https://lemmy.test/u/eva")
    await home.hears(eva, eva.says("Follow", home.garden_uri))
    await make(home, eva.uri, Role.STEWARD)
    return eva


async def make(home: Home, uri: str, role: Role) -> None:
    actor = await home.row(Actor, Actor.uri == uri)

    def change(uow: Any) -> None:
        uow.look_up(Membership, (home.garden, actor.id)).role = role

    await home.app.act(change)


async def role(home: Home, uri: str, community: int = 0) -> str | None:
    def query(session: Any) -> str | None:
        actor = session.query(Actor).filter_by(uri=uri).one_or_none()
        key = (community or home.garden, actor.id if actor else 0)
        membership = session.get(Membership, key)
        return membership.role if membership else None

    return await home.read(query)


async def post(home: Home, uri: str = "") -> Post:
    found = await home.find_post(uri or home.post_uri)
    assert found is not None
    return found


def about(home: Home, steward: Them, verb: str, thing: Any, **more: Any) -> dict[str, Any]:
    """As Lemmy addresses it."""
    return steward.says(verb, thing, to=[PUBLIC], cc=[home.garden_uri], **more)


def relayed(bees: Them, inner: dict[str, Any]) -> dict[str, Any]:
    return bees.says("Announce", inner, to=[PUBLIC], cc=[f"{bees.uri}/followers"])


async def test_a_steward_elsewhere_pins_and_locks(home: Home, eva: Them, bob: Them) -> None:
    pin = about(home, eva, "Add", home.post_uri, target=f"{home.garden_uri}/featured")
    lock = about(home, eva, "Lock", home.post_uri, summary="Settled.")
    await home.hears(eva, pin, pin | {"id": f"{pin['id']}/again"}, lock)
    found = await post(home)
    assert found.pinned_at is not None
    assert found.locked_at is not None
    late = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(late))
    assert await home.find_post(late["id"]) is None
    assert "locked" in ((await home.last()).error or "")

    unpin = about(home, eva, "Remove", home.post_uri, target=f"{home.garden_uri}/featured")
    await home.hears(eva, unpin, about(home, eva, "Undo", lock))
    found = await post(home)
    assert (found.pinned_at, found.locked_at) == (None, None)
    await home.hears(eva, about(home, eva, "Undo", pin["id"]), about(home, eva, "Undo", unpin))
    assert (await post(home)).pinned_at is not None
    await home.hears(bob, bob.creates(late) | {"id": "https://one.test/activities/late"})
    assert await home.find_post(late["id"]) is not None


async def test_removed_with_a_reason_and_restored(home: Home, eva: Them, bob: Them) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    delete = about(home, eva, "Delete", note["id"], summary="off <b>topic</b>")
    await home.hears(eva, delete)
    found, root = await post(home, note["id"]), await post(home)
    steward = await home.row(Actor, Actor.uri == eva.uri)
    assert (found.removal_reason, found.removed_by_id) == ("off topic", steward.id)
    assert (root.reply_count, root.thread_count) == (0, 0)
    await home.hears(eva, about(home, eva, "Undo", delete | {"id": "https://lemmy.test/new/1"}))
    found, root = await post(home, note["id"]), await post(home)
    assert found.is_visible
    assert found.html
    assert (found.removal_reason, root.reply_count, root.thread_count) == ("", 1, 1)
    await home.hears(bob, bob.says("Delete", note["id"]))
    await home.hears(eva, about(home, eva, "Undo", delete | {"id": "https://lemmy.test/new/2"}))
    assert not (await post(home, note["id"])).is_visible


async def test_an_edit_of_what_was_taken_out_is_shown_when_it_stands_again(
    home: Home, eva: Them, bob: Them
) -> None:
    note = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.creates(note))
    delete = about(home, eva, "Delete", note["id"], summary="rude")
    await home.hears(eva, delete)
    changed = note | {"content": "<p>Kinder.</p>", "updated": "2026-11-05T10:00:00Z"}
    await home.hears(bob, bob.says("Update", changed))
    assert not (await post(home, note["id"])).is_visible
    await home.hears(eva, about(home, eva, "Undo", delete))
    found = await post(home, note["id"])
    assert found.is_visible
    assert "Kinder." in found.html


async def test_what_comes_in_the_wrong_order(home: Home, eva: Them, bob: Them) -> None:
    first, second = bob.note(inReplyTo=home.post_uri), bob.note(inReplyTo=home.post_uri)
    gone = about(home, eva, "Delete", first["id"], summary="spam")
    undone = about(home, eva, "Delete", second["id"], summary="spam")
    lock = about(home, eva, "Lock", second["id"])
    await home.hears(eva, gone, about(home, eva, "Undo", undone), undone)
    await home.hears(eva, about(home, eva, "Undo", lock), lock)
    await home.hears(bob, bob.creates(first), bob.creates(second))
    assert await home.find_post(first["id"]) is None
    found = await post(home, second["id"])
    assert (found.is_visible, found.locked_at) == (True, None)
    await home.hears(eva, about(home, eva, "Undo", gone))
    await home.hears(bob, bob.creates(first))
    assert (await post(home, first["id"])).is_visible


async def test_stewards_come_and_go(home: Home, eva: Them, bob: Them) -> None:
    stewards = f"{home.garden_uri}/moderators"
    add = about(home, eva, "Add", bob.uri, target=stewards)
    await home.hears(eva, add)  # no member yet
    assert await role(home, bob.uri) is None
    await home.hears(bob, bob.says("Follow", home.garden_uri))
    await home.hears(eva, add | {"id": f"{add['id']}/2"})
    assert await role(home, bob.uri) == Role.STEWARD
    await home.hears(bob, about(home, bob, "Remove", home.ada_uri, target=stewards))
    await home.hears(bob, about(home, bob, "Remove", eva.uri, target=stewards))
    assert [await role(home, uri) for uri in (home.ada_uri, eva.uri)] == [Role.MEMBER] * 2
    await home.hears(bob, about(home, bob, "Remove", bob.uri, target=stewards))
    assert await role(home, bob.uri) == Role.STEWARD, "the last one stays"
    await home.hears(eva, about(home, eva, "Lock", home.post_uri))  # no longer hers to say
    assert (await post(home)).locked_at is None


async def test_a_steward_elsewhere_rewrites_the_community(home: Home, eva: Them, bob: Them) -> None:
    group = {
        "id": home.garden_uri,
        "type": "Group",
        "preferredUsername": "another",
        "name": "The Garden",
        "inbox": "https://evil.test/inbox",
        "publicKey": {"id": f"{home.garden_uri}#main-key", "owner": home.garden_uri},
        "summary": "<p>Be kind.</p>",
        "source": {"content": "Be **kind**.", "mediaType": "text/markdown"},
        "postingRestrictedToMods": True,
    }
    before = await home.row(Actor, Actor.id == home.garden)
    await home.hears(bob, about(home, bob, "Update", group))
    assert (await home.row(Actor, Actor.id == home.garden)).display_name == before.display_name
    await home.hears(eva, about(home, eva, "Update", group))
    actor = await home.row(Actor, Actor.id == home.garden)
    community = await home.row(Community, Community.actor_id == home.garden)
    assert (actor.display_name, community.charter_source) == ("The Garden", "Be **kind**.")
    assert community.stewards_only
    assert (actor.inbox_uri, actor.name) == (before.inbox_uri, "garden")


async def test_nobody_else_decides(home: Home, eva: Them, bob: Them, bees: Them) -> None:
    """A member, somebody on the steward's host, another community that quotes the steward."""
    await home.joins(bees.uri)
    await home.hears(bob, bob.says("Follow", home.garden_uri))
    sam = Them(home.web, "https://lemmy.test/u/sam", bob.rsa, bob.ed25519).live()
    featured, stewards = f"{home.garden_uri}/featured", f"{home.garden_uri}/moderators"

    def decisions(by: Them) -> list[dict[str, Any]]:
        return [
            about(home, by, "Lock", home.post_uri),
            about(home, by, "Add", home.post_uri, target=featured),
            about(home, by, "Add", by.uri, target=stewards),
            about(home, by, "Remove", home.ada_uri, target=stewards),
            about(home, by, "Delete", home.post_uri, summary="gone"),
            about(home, by, "Undo", about(home, by, "Delete", home.post_uri)),
        ]

    for by in (bob, sam):
        await home.hears(by, *decisions(by))
    await home.hears(bees, *(relayed(bees, one) for one in decisions(eva)))
    found = await post(home)
    assert (found.locked_at, found.pinned_at, found.removed_at) == (None, None, None)
    assert await role(home, home.ada_uri) == Role.STEWARD
    assert await role(home, bob.uri) == Role.MEMBER
    states = [row.state for row in await home.read(lambda s: s.query(InboxMessage).all())]
    assert states.count("dead") == 18


async def test_a_community_elsewhere_says_what_is_decided_in_it(
    home: Home, bees: Them, bob: Them, them: Callable[..., Them]
) -> None:
    """Its moderators live on a third host, as they may on Lemmy: its word is enough."""
    bees.more = {"moderators": f"{bees.uri}/moderators", "featured": f"{bees.uri}/pinned"}
    bees.live()
    hive = await home.joins(bees.uri)
    mod = them("https://piefed.test/u/mod", key=3)
    page = bob.note(type="Page", name="Swarming", audience=bees.uri, cc=[bees.uri])
    await home.hears(bees, relayed(bees, bob.creates(page)))
    lock = mod.says("Lock", page["id"], to=[PUBLIC], cc=[bees.uri], summary="done")
    for inner in (
        lock,
        mod.says("Add", page["id"], target=f"{bees.uri}/pinned"),
        mod.says("Add", mod.uri, target=f"{bees.uri}/moderators"),
        mod.says("Delete", page["id"], summary="spam"),
    ):
        await home.hears(bees, relayed(bees, inner))
    found = await post(home, page["id"])
    assert None not in (found.locked_at, found.pinned_at, found.removed_at)
    assert (found.removed_by_id, found.removal_reason) == (None, "spam")
    assert await role(home, mod.uri, hive) == Role.STEWARD
    direct = mod.says("Undo", lock)
    await home.hears(mod, direct)  # not announced: the community has not said so
    assert (await post(home, page["id"])).locked_at is not None
    for inner in (
        direct | {"id": "https://piefed.test/undo/1"},
        mod.says("Undo", mod.says("Delete", page["id"], summary="spam")),
        mod.says("Remove", page["id"], target=f"{bees.uri}/pinned"),
        mod.says("Remove", mod.uri, target=f"{bees.uri}/moderators"),
        mod.says("Lock", home.post_uri),  # another's post
    ):
        await home.hears(bees, relayed(bees, inner))
    found = await post(home, page["id"])
    assert (found.locked_at, found.pinned_at, found.removed_at) == (None, None, None)
    assert (await role(home, mod.uri, hive), (await post(home)).locked_at) == (Role.MEMBER, None)


async def test_taken_out_elsewhere_before_it_came(home: Home, bees: Them, bob: Them) -> None:
    await home.joins(bees.uri)
    page = bob.note(type="Page", name="Swarming", audience=bees.uri, cc=[bees.uri])
    delete = bees.says("Delete", page["id"], summary="spam")
    await home.hears(bees, relayed(bees, delete), relayed(bees, bob.creates(page)))
    assert not (await post(home, page["id"])).is_visible
    await home.hears(bees, relayed(bees, bees.says("Undo", delete)))
    assert (await post(home, page["id"])).is_visible
