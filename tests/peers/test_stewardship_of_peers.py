"""What stewards decide, as each peer hears it; and what moderators of Lemmy and PieFed decide."""

from typing import Any

import pytest
from sqlalchemy import select

from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.communities.roles import appoint
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.feature import lock, pin, unlock, unpin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove, restore
from tests.fediverse import Person
from tests.peers import lemmy
from tests.peers.software import GoToSocialLike, LemmyLike, MastodonLike, PieFedLike
from tests.peers.strict import PUBLIC, Json

pytestmark = pytest.mark.anyio
HOST = "red.test"


async def decides(person: Person, deed: Any, uri: str, *more: str) -> None:
    await person.server.act(
        lambda uow: deed(uow, uow.find(Post, uri), uow.get(Actor, person.id), *more) and None
    )


async def post(town: Any, uri: str) -> Post:
    return await town.red.read(lambda s: s.scalars(select(Post).where(Post.uri == uri)).one())


async def appointed(town: Any, uri: str) -> None:
    """Somebody elsewhere is made a steward by Ada."""

    def act(uow: Any) -> None:
        person, ada = uow.find(Actor, uri), uow.get(Actor, town.ada.id)
        appoint(uow, uow.get(Community, town.gardeners.id), person, ada)

    await town.red.act(act)
    await town.settle()


async def restored_twice(town: Any, frost: str) -> None:
    for reason in ("off topic", ""):
        await decides(town.ada, remove, frost, reason)
        await town.settle()
        await decides(town.ada, restore, frost)
        await town.settle()


@pytest.mark.parametrize("software", [LemmyLike, PieFedLike])
async def test_a_forum_hears_all_that_stewards_decide(town, software):
    peer: LemmyLike = software(town.world.wires, "forum.test")
    bo = peer.person("bo")
    await peer.follows(bo, "gardeners", HOST)
    await town.settle()
    frost = await town.ada.write(town.gardeners, "Frost in May?")
    await town.settle()
    del peer.received[:]
    for deed in (pin, lock, unlock, unpin):
        await decides(town.ada, deed, frost)
        await town.settle()
    await restored_twice(town, frost)
    await appointed(town, bo.uri)
    assert peer.forms() == [
        "Announce{Add(id)}",
        "Announce{Lock(id)}",
        "Announce{Undo{Lock(id)}}",
        "Announce{Remove(id)}",
        *["Announce{Delete(id)}", "Announce{Undo{Delete(id)}}"] * 2,
        "Announce{Add(id)}",
    ]
    inner = [got.document["object"] for got in peer.received]
    assert inner[0]["target"] == f"{town.gardeners.uri}/featured"
    assert inner[-1]["target"] == f"{town.gardeners.uri}/moderators"
    assert next(one["summary"] for one in inner if one["type"] == "Delete") == "off topic"
    for undo in (one for one in inner if one["type"] == "Undo"):
        said = [one for one in inner if one["id"] == undo["object"]["id"]]
        assert len(said) == 1, "it undoes what was said, under its own id"


@pytest.mark.parametrize("software", [MastodonLike, GoToSocialLike])
async def test_a_microblog_hears_of_what_goes_and_comes_back_only(town, software):
    peer: MastodonLike = software(town.world.wires, "blog.test")
    eve = peer.person("eve")
    await peer.follows(eve, "gardeners", HOST)
    await town.settle()
    frost = await town.ben.write(town.gardeners, "Frost in May?", "It *froze*.")
    await town.settle()
    first = next(iter(peer.timeline.boosts))
    del peer.received[:]
    for deed in (pin, lock, unlock, unpin):
        await decides(town.ada, deed, frost)
    await appointed(town, eve.uri)
    assert peer.forms() == []
    await decides(town.ada, remove, frost, "off topic")
    await town.settle()
    assert peer.timeline.boosted() == []
    assert "stewards" in peer.timeline.text(frost)
    gone = peer.timeline.statuses[frost]["updated"]
    await decides(town.ada, restore, frost)
    await town.settle()
    assert peer.timeline.boosted() == [frost]
    assert first not in peer.timeline.boosts, "under a new id, or Mastodon takes it for the old one"
    assert "It <em>froze</em>." in peer.timeline.text(frost)
    assert peer.timeline.statuses[frost]["updated"] >= gone
    assert sorted(peer.forms()) == [
        "Announce(id)",
        "Undo{Announce(id)}",
        "Update{Note}",
        "Update{Note}",
    ]


@pytest.mark.parametrize("software", [LemmyLike, PieFedLike])
async def test_a_moderator_of_a_forum_stewards_a_community_of_ours(town, software):
    peer: LemmyLike = software(town.world.wires, "forum.test")
    other = LemmyLike(town.world.wires, "other.test")
    mod, guest = peer.person("mod"), other.person("guest")
    _, group = await peer.follows(mod, "gardeners", HOST)
    await other.follows(guest, "gardeners", HOST)
    await town.settle()
    frost = await town.ben.write(town.gardeners, "Frost in May?")
    await appointed(town, mod.uri)
    del other.received[:]

    def says(verb: str, thing: Any, **more: Any) -> Json:
        more = {"to": [PUBLIC], "cc": [group["id"]], "audience": group["id"]} | more
        return peer.act(mod, verb, thing, **more)

    async def hears(document: Json) -> Post:
        await peer.says(mod, group["inbox"], document)
        await town.settle()
        return await post(town, frost)

    assert (await hears(says("Add", frost, target=group["featured"]))).pinned_at
    locked = says("Lock", frost, summary="Settled.")
    assert (await hears(locked)).locked_at
    removed = says("Delete", frost, summary="Spam")
    assert (await hears(removed)).removal_reason == "Spam"
    gone = await peer.get(frost)
    assert (gone.status_code, gone.json()["type"]) == (410, "Tombstone")
    assert (await hears(says("Undo", removed | {"id": peer.new_id()}))).is_visible
    served = (await peer.get(frost)).json()
    assert (served["commentsEnabled"], served["stickied"]) == (False, True)
    shelf = (await peer.get(group["featured"])).json()
    lemmy.featured(shelf, group["id"])
    assert [item["id"] for item in shelf["orderedItems"]] == [frost]
    assert not (await hears(says("Undo", locked))).locked_at
    heard = [got.document["object"] for got in other.received]
    assert [one["type"] for one in heard] == ["Add", "Lock", "Delete", "Undo", "Undo"]
    assert all(one["actor"] == mod.uri for one in heard), "as it came"


@pytest.mark.parametrize("software", [LemmyLike, PieFedLike])
async def test_a_forum_hears_what_was_changed_while_it_was_taken_out(town, software):
    """The author lives on one server, a member on another: both hear it after the restore."""
    home: LemmyLike = software(town.world.wires, "forum.test")
    other: LemmyLike = software(town.world.wires, "other.test")
    bo, guest = home.person("bo"), other.person("guest")
    _, group = await home.follows(bo, "gardeners", HOST)
    await other.follows(guest, "gardeners", HOST)
    await town.settle()
    page = home.page(bo, group["id"], "Swarming", "When, you fools?")
    await home.says(bo, group["inbox"], home.create(bo, page))
    await town.settle()
    for peer in (home, other):
        del peer.received[:]

    async def changes(text: str, updated: str) -> Json:
        page.update(content=f"<p>{text}</p>", updated=updated)
        page["source"]["content"] = text
        more = {key: page[key] for key in ("to", "cc", "audience")}
        return await home.says(bo, group["inbox"], home.act(bo, "Update", dict(page), **more))

    await decides(town.ada, remove, page["id"], "rude")
    await town.settle()
    await changes("When?", "2026-01-01T10:00:00Z")
    last = await changes("When do they swarm?", "2026-01-01T11:00:00Z")
    await town.settle()
    assert other.forms() == ["Announce{Delete(id)}"], "what is hidden is not spread"
    await decides(town.ada, restore, page["id"])
    await town.settle()
    back = ["Announce{Delete(id)}", "Announce{Undo{Delete(id)}}"]
    for peer in (home, other):
        assert peer.forms() == [*back, "Announce{Update{Page}}"]
        assert last["body"] in peer.received[-1].body, "the newest, as it came"
        del peer.received[:]
    await restored_twice(town, page["id"])
    assert other.forms() == back * 2, "nothing was changed meanwhile"


async def test_somebody_here_moderates_a_community_on_lemmy(town):
    peer = LemmyLike(town.world.wires, "forum.test")
    bo, bees = peer.person("bo"), peer.group("bees")
    place = await town.red.meet(bees.uri)
    page = peer.page(bo, bees, "Swarming", "When?")

    def member(uow: Any) -> None:
        uow.add(
            Membership(
                community_id=place, actor_id=town.ada.id, joined_at=uow.now, role=Role.STEWARD
            )
        )

    await town.red.act(member)
    await peer.says(bees, f"https://{HOST}/inbox", peer.announce(bees, peer.create(bo, page)))
    await town.settle()
    for deed in (pin, lock, remove, restore, unlock, unpin):
        await decides(town.ada, deed, page["id"])
    await town.settle()
    assert [got.document["type"] for got in peer.received] == [
        "Add",
        "Lock",
        "Delete",
        "Undo",
        "Undo",
        "Remove",
    ]
    assert {got.document["actor"] for got in peer.received} == {town.ada.uri}
