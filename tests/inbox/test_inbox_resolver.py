"""From an address or a handle to a row: only what its own host confirms."""

from collections.abc import Callable
from typing import Any

import pytest

from fedcop.activitypub.webfinger import Handle
from fedcop.domain.communities.models import Membership, Role
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.errors import FedcopError, Malformed, NotFound, NotTheirs, TooMany, Unreachable
from fedcop.inbox.backfill import catch_up_community
from fedcop.inbox.resolve import Budget, Found
from fedcop.uris import PUBLIC
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


def named(home: Home, host: str, name: str, uri: str) -> None:
    address = f"https://{host}/.well-known/webfinger?resource=acct:{name}@{host}"
    link = {"rel": "self", "type": "application/activity+json", "href": uri}
    home.web.documents[address] = {"subject": f"acct:{name}@{host}", "links": [link]}


async def test_an_actor_is_fetched_once(home: Home, bob: Them) -> None:
    row_id = await home.resolver.actor(bob.uri)
    assert await home.resolver.actor(bob.uri) == row_id
    assert home.web.asked == [bob.uri]
    assert await home.resolver.actor(home.ada_uri, refresh=True) == home.ada
    with pytest.raises(NotFound):
        await home.resolver.actor("https://cop.test/u/nobody")
    with pytest.raises(Malformed):
        await home.resolver.actor(bob.note()["id"])


@pytest.mark.parametrize(
    "more",
    [{"inbox": "https://evil.test/inbox"}, {"inbox": None}, {"id": "https://cop.test/u/ada"}],
)
async def test_actors_that_are_refused(home: Home, bob: Them, more: dict[str, Any]) -> None:
    bob.more = more
    bob.live()
    with pytest.raises(FedcopError):
        await home.resolver.actor(bob.uri)
    assert await home.count(Actor, Actor.uri == bob.uri) == 0


async def test_a_handle_on_which_both_directions_agree(home: Home, bob: Them) -> None:
    named(home, "one.test", "bob", bob.uri)
    row_id = await home.resolver.handle(Handle("bob", "one.test"))
    named(home, "social.test", "bob", bob.uri)
    assert await home.resolver.handle(Handle("bob", "social.test")) == row_id
    named(home, "evil.test", "victim", bob.uri)
    named(home, "one.test", "bob", "https://one.test/u/robert")
    with pytest.raises(NotTheirs):
        await home.resolver.handle(Handle("victim", "evil.test"))
    assert await home.resolver.handle(Handle("ada", "cop.test")) == home.ada
    with pytest.raises(NotFound):
        await home.resolver.handle(Handle("nobody", "cop.test"))


async def test_the_search_box(home: Home, bob: Them, bees: Them) -> None:
    find = home.resolver.find
    named(home, "one.test", "bob", bob.uri)
    bob_id = await home.resolver.actor(bob.uri)
    assert await find(" @bob@one.test ") == Found("person", bob_id)
    assert await find(home.garden_uri) == Found("community", home.garden)
    assert await find(home.post_uri) == Found("discussion", home.post)
    found = await find(bees.uri)
    assert found.kind == "community"
    home.web.documents["https://hive.test/@bees"] = bees.document()
    assert await find("https://hive.test/@bees") == found
    note = bob.note(inReplyTo=home.post_uri)
    home.web.documents["https://one.test/@bob/1"] = note
    reply = await find("https://one.test/@bob/1")
    assert reply.kind == "reply"
    assert await find(note["id"]) == reply
    with pytest.raises(NotFound):
        await find(bob.note()["id"])
    for nonsense in ("", "garden", "javascript://x", "https://127.0.0.1/x"):
        with pytest.raises(Malformed):
            await find(nonsense)


async def test_a_create_by_its_address_is_what_it_created(home: Home, bob: Them) -> None:
    create = bob.creates(bob.note(inReplyTo=home.post_uri))
    home.web.documents[create["id"]] = create
    assert (await home.resolver.find(create["id"])).kind == "reply"


async def test_ancestors_have_a_limit(home: Home, bob: Them) -> None:
    for number in range(60):
        above = f"https://one.test/n/{number + 1}"
        bob.note(id=f"https://one.test/n/{number}", inReplyTo=above)
    with pytest.raises(Malformed):
        await home.resolver.post("https://one.test/n/0")
    loop = bob.note(id="https://one.test/n/loop", inReplyTo="https://one.test/n/loop")
    with pytest.raises(Malformed):
        await home.resolver.post(loop["id"])
    with pytest.raises(TooMany):
        await home.resolver.post("https://one.test/n/0", Budget(3))
    assert await home.count(Post) == 1


async def test_the_community_of_a_thread_is_met_on_the_way(
    home: Home, bob: Them, bees: Them, eve: Them
) -> None:
    note = bob.note(
        type="Page",
        name="Swarming",
        to=[PUBLIC, "https://one.test/gone", eve.uri, bees.uri],
        cc=[f"{bees.uri}/followers"],
    )
    row_id = await home.resolver.post(note["id"])
    assert row_id is not None
    place = await home.row(Actor, Actor.uri == bees.uri)
    assert (await home.row(Post, Post.id == row_id)).community_id == place.id
    assert await home.resolver.post(bob.note(type="Page", name="Nowhere")["id"]) is None


async def test_a_post_of_a_type_or_an_author_that_is_refused(home: Home, bob: Them) -> None:
    for more in (
        {"type": "Place"},
        {"attributedTo": "https://two.test/u/x"},
        {"to": []},
        {"type": "Follow", "actor": bob.uri, "object": home.garden_uri},
    ):
        with pytest.raises(FedcopError):
            await home.resolver.post(bob.note(inReplyTo=home.post_uri, **more)["id"])
    taken_back = bob.note(inReplyTo=home.post_uri)
    await home.hears(bob, bob.says("Delete", taken_back["id"]))
    with pytest.raises(FedcopError):
        await home.resolver.post(taken_back["id"])


async def test_catching_up(
    home: Home, bob: Them, bees: Them, eve: Them, them: Callable[..., Them]
) -> None:
    queen = them("https://hive.test/u/queen")
    place = {"audience": bees.uri, "cc": [bees.uri], "type": "Page"}
    one, two = bob.note(name="One", **place), bob.note(name="Two", **place)
    answer = eve.note(inReplyTo=one["id"])
    elsewhere = eve.note(name="Elsewhere", type="Page")
    forged = {"id": bob.note(name="Real", **place)["id"], "type": "Page", "name": "Forged"}
    items = [
        bees.says("Announce", eve.creates(answer)),
        bees.says("Announce", bob.creates(forged)),
        bees.says("Announce", elsewhere["id"]),
        bees.says("Announce", "https://one.test/404"),
        bees.says("Like", one["id"]),
        bees.says(
            "Announce", bees.says("Announce", bees.says("Announce", bees.says("Add", "x:y")))
        ),
        two["id"],
        bob.creates(one),
    ]
    bees.more = {
        "attributedTo": f"{bees.uri}/moderators",
        "outbox": f"{bees.uri}/outbox",
    }
    bees.live()
    row_id = await home.joins(bees.uri)
    collection = {"type": "OrderedCollection", "totalItems": 9}
    home.web.documents |= {
        f"{bees.uri}/moderators": collection
        | {"id": f"{bees.uri}/moderators", "orderedItems": [queen.uri, "https://one.test/404"]},
        f"{bees.uri}/outbox": collection
        | {"id": f"{bees.uri}/outbox", "first": f"{bees.uri}/outbox?page=1"},
        f"{bees.uri}/outbox?page=1": collection
        | {"id": f"{bees.uri}/outbox?page=1", "type": "OrderedCollectionPage"}
        | {"orderedItems": items},
    }
    assert await catch_up_community(home.resolver, row_id) == 4
    for note in (one, two, answer, forged):
        assert await home.find_post(note["id"]) is not None
    real = await home.find_post(forged["id"])
    assert real is not None
    assert real.title == "Real"
    assert await home.find_post(elsewhere["id"]) is None
    steward = await home.row(
        Membership, Membership.role == Role.STEWARD, Membership.actor_id != home.ada
    )
    assert steward.community_id == row_id
    assert await catch_up_community(home.resolver, row_id) == 4  # again: nothing is doubled
    assert await home.count(Post) == 5
    assert await catch_up_community(home.resolver, home.garden) == 0


async def test_catching_up_on_little(home: Home, bees: Them) -> None:
    row_id = await home.joins(bees.uri)
    outbox = {"id": f"{bees.uri}/outbox", "type": "Note"}
    home.web.documents[outbox["id"]] = outbox
    assert await catch_up_community(home.resolver, row_id) == 0
    embedded = {"type": "OrderedCollectionPage", "orderedItems": ["https://one.test/404"]}
    outbox = {"id": outbox["id"], "type": "OrderedCollection", "first": embedded}
    home.web.documents[outbox["id"]] = outbox
    assert await catch_up_community(home.resolver, row_id) == 0
    home.web.silent.add("hive.test")
    with pytest.raises(Unreachable):
        await catch_up_community(home.resolver, row_id)
