"""Follow, Accept, Block, Move between people: what is believed of whom, and what is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from fedcop.domain.network.models import Activity
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.block import block
from fedcop.domain.people.follow import drop_follower, follow
from fedcop.domain.people.models import Actor, Block, Follow
from fedcop.domain.people.moved import move
from fedcop.domain.posts.models import Post
from fedcop.errors import NotAllowed
from tests.inbox.world import Home, Them

pytestmark = pytest.mark.anyio


async def said(home: Home) -> list[str]:
    """The activities of ours, in order."""
    query = select(Activity.type).where(Activity.local).order_by(Activity.id)
    types = await home.read(lambda session: list(session.scalars(query)))
    return types[types.index("Announce") + 1 :]  # after what the world began with


async def ada_follows(home: Home, them: Them) -> str:
    """Ada asks to follow them; the id of her Follow."""
    row_id = await home.resolver.actor(them.uri)

    def act(uow: Any) -> str:
        standing = follow(uow, uow.get(Actor, home.ada), uow.get(Actor, row_id))
        return (standing.uri if standing else None) or ""

    return await home.app.act(act)


async def test_a_follow_is_answered_each_time_and_undone_by_either_form(
    home: Home, bob: Them
) -> None:
    before = len(await said(home))
    first = bob.says("Follow", home.ada_uri)
    await home.hears(bob, first)
    await home.hears(bob, bob.says("Follow", home.ada_uri))
    row = await home.row(Follow, Follow.target_id == home.ada)
    assert row.standing == "active"
    assert (await said(home))[before:] == ["Accept", "Accept"]
    accept = await home.row(Activity, Activity.type == "Accept", Activity.object_uri == first["id"])
    assert b'"type":"Follow"' in accept.body.replace(b": ", b":")
    await home.hears(bob, bob.says("Undo", first))  # an older one: another has replaced it
    assert await home.count(Follow) == 1
    last = bob.says("Follow", home.ada_uri)
    await home.hears(bob, last, bob.says("Undo", last["id"]))
    assert await home.count(Follow) == 0
    late = bob.says("Follow", home.ada_uri)
    await home.hears(bob, bob.says("Undo", late), late)
    assert await home.count(Follow) == 0
    await home.hears(bob, bob.says("Undo", bob.says("Follow", "https://cop.test/u/nobody")))
    assert (await home.last()).state == "done"


async def test_nobody_undoes_anothers_follow(home: Home, bob: Them, eve: Them) -> None:
    theirs = bob.says("Follow", home.ada_uri)
    await home.hears(bob, theirs)
    await home.hears(eve, eve.says("Undo", theirs), eve.says("Undo", theirs["id"]))
    forged = eve.says("Follow", home.ada_uri) | {"id": theirs["id"]}
    await home.hears(eve, eve.says("Undo", forged))
    assert await home.count(Follow) == 1


async def test_only_who_was_asked_answers(home: Home, bob: Them, eve: Them) -> None:
    never = {"id": "https://cop.test/activity/9", "type": "Follow", "actor": home.ada_uri}
    await home.hears(bob, bob.says("Accept", never | {"object": bob.uri}))
    await home.hears(bob, bob.says("Accept", "https://cop.test/activity/9"))
    assert await home.count(Follow) == 0
    uri = await ada_follows(home, bob)
    ours = never | {"id": uri, "object": bob.uri}
    await home.hears(eve, eve.says("Accept", ours), eve.says("Reject", ours))
    await home.hears(eve, eve.says("Accept", ours | {"object": eve.uri}))
    assert (await home.row(Follow)).standing == "asked"
    await home.hears(bob, bob.says("Accept", uri))
    assert (await home.row(Follow)).standing == "active"
    await home.hears(bob, bob.says("Accept", ours))
    await home.hears(bob, bob.says("Reject", ours))
    assert await home.count(Follow) == 0


async def test_a_block_from_afar_ends_what_stands_and_can_be_taken_back(
    home: Home, bob: Them, eve: Them
) -> None:
    await ada_follows(home, bob)
    await home.hears(bob, bob.says("Follow", home.ada_uri))
    blocked = bob.says("Block", home.ada_uri)
    await home.hears(bob, blocked, bob.says("Block", home.ada_uri))
    assert (await home.count(Follow), await home.count(Block)) == (0, 1)
    await home.hears(bob, bob.says("Follow", home.ada_uri))
    assert (await said(home))[-1] == "Reject"
    await home.hears(bob, bob.says("Undo", blocked))  # an older one
    await home.hears(eve, eve.says("Undo", blocked))
    assert await home.count(Block) == 1
    unheard = {"type": "Block", "actor": bob.uri, "object": home.ada_uri}
    await home.hears(bob, bob.says("Undo", unheard | {"id": "https://one.test/blocks/0"}))
    assert await home.count(Block) == 0
    late = bob.says("Block", home.ada_uri)
    await home.hears(bob, bob.says("Undo", late), late, bob.says("Block", "https://cop.test/u/no"))
    await home.hears(bob, bob.says("Undo", bob.says("Block", eve.uri)))
    assert await home.count(Block) == 0


async def test_what_ada_blocks_is_rejected_and_undone_but_not_published(
    home: Home, bob: Them
) -> None:
    await ada_follows(home, bob)
    await home.hears(bob, bob.says("Follow", home.ada_uri))
    row_id = await home.resolver.actor(bob.uri)
    await home.app.act(lambda uow: block(uow, uow.get(Actor, home.ada), uow.get(Actor, row_id)))
    assert sorted((await said(home))[-2:]) == ["Reject", "Undo"]
    assert await home.count(Follow) == 0
    await home.app.act(
        lambda uow: drop_follower(uow, uow.get(Actor, home.ada), uow.get(Actor, row_id))
    )


async def test_who_moves_takes_followers_and_blocks_along(
    home: Home, bob: Them, them: Callable[..., Them]
) -> None:
    await ada_follows(home, bob)
    new = them("https://two.test/u/bob", more={"alsoKnownAs": [bob.uri]})
    going = bob.says("Move", bob.uri, target=new.uri)
    await home.hears(bob, going)
    old = await home.row(Actor, Actor.uri == bob.uri)
    assert old.moved_to_uri == new.uri
    follows = await home.row(Follow)
    assert follows.target_id == (await home.row(Actor, Actor.uri == new.uri)).id
    assert sorted((await said(home))[-2:]) == ["Follow", "Undo"]
    assert await home.count(Notification, Notification.reason == "moved") == 1
    told = await said(home)
    await home.hears(bob, bob.says("Move", bob.uri, target=new.uri))
    assert await said(home) == told, "once more changes nothing"

    third = them("https://two.test/u/rob", more={"alsoKnownAs": [bob.uri]})
    await home.app.act(lambda uow: block(uow, uow.get(Actor, home.ada), uow.get(Actor, old.id)))
    row_id = await home.resolver.actor(third.uri)
    await home.app.act(lambda uow: move(uow, uow.get(Actor, old.id), uow.get(Actor, row_id)))
    assert await home.count(Block, Block.target_id == row_id) == 1


async def test_a_forged_move_moves_nobody(
    home: Home, bob: Them, eve: Them, bees: Them, them: Callable[..., Them]
) -> None:
    await ada_follows(home, bob)
    told = await said(home)
    lying = them("https://two.test/u/bob")  # does not know the old account
    claims = them("https://evil.test/u/bob", more={"alsoKnownAs": [bob.uri]})
    await home.hears(bob, bob.says("Move", bob.uri, target=lying.uri))
    await home.hears(eve, eve.says("Move", bob.uri, target=claims.uri))
    await home.hears(bob, bob.says("Move", bob.uri, target="https://two.test/u/none"))
    await home.hears(bob, bob.says("Move", bob.uri, target=bob.uri), bob.says("Move", bob.uri))
    await home.hears(bob, bob.says("Move", "https://one.test/post/1", target=bees.uri))
    assert await said(home) == told
    assert (await home.row(Actor, Actor.uri == bob.uri)).moved_to_uri is None
    assert await home.count(Follow) == 1


async def test_nobody_deletes_another_account(home: Home, bob: Them, eve: Them) -> None:
    note = bob.note(to=["https://www.w3.org/ns/activitystreams#Public", home.garden_uri], cc=[])
    await home.hears(bob, bob.creates(note))
    for victim in (home.ada_uri, bob.uri):
        await home.hears(eve, eve.says("Delete", victim))
    assert await home.count(Actor, Actor.deleted_at.is_not(None)) == 0
    assert await home.count(Post, Post.deleted_at.is_not(None)) == 0
    await home.hears(bob, bob.says("Follow", home.ada_uri), bob.says("Follow", home.garden_uri))
    await home.hears(bob, bob.says("Delete", bob.uri))
    assert await home.count(Post, Post.deleted_at.is_not(None)) == 1
    assert await home.count(Follow) == 0


async def test_who_is_suspended_is_not_heard(home: Home, bob: Them) -> None:
    row_id = await home.resolver.actor(bob.uri)

    def stop(uow: Any) -> None:
        uow.get(Actor, row_id).suspended_at = uow.now

    await home.app.act(stop)
    note = bob.note(to=["https://www.w3.org/ns/activitystreams#Public", home.garden_uri], cc=[])
    follow, create = bob.says("Follow", home.ada_uri), bob.creates(note)
    for document in (follow, create):
        with pytest.raises(NotAllowed):
            await home.hears(bob, document)
    await home.receiver.accept("accepted before", json.dumps(create).encode(), bob.uri)
    await home.processor.settle()
    assert (await home.last()).state == "dead"
    await home.hears(bob, bob.says("Undo", follow))  # what they take back is heard
    assert await home.resolver.post(note["id"]) is None, "nor is it fetched"
    assert await home.count(Post, Post.author_id == row_id) == 0
    assert await home.count(Follow) == 0
