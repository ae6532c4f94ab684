"""Stewards on several servers look after one community: all servers end up agreeing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.communities.roles import appoint, dismiss
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.feature import lock, pin, unlock, unpin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove, restore
from fedcop.errors import NotAllowed
from tests.fediverse import Person, Place, Server

pytestmark = pytest.mark.anyio


async def decide(person: Person, deed: Callable[..., Any], uri: str, *more: str) -> None:
    """A steward does this to a post, on the server where they are at home."""
    server = person.server

    def act(uow: Any) -> None:
        deed(uow, uow.find(Post, uri), uow.get(Actor, person.id), *more)

    await server.act(act)


async def role(person: Person, deed: Callable[..., Any], place: Place, other: Person) -> None:
    server = person.server
    community = await server.meet(place.uri)
    somebody = await server.meet(other.uri)

    def act(uow: Any) -> None:
        who, by = uow.get(Actor, somebody), uow.get(Actor, person.id)
        deed(uow, uow.get(Community, community), who, by)

    await server.act(act)


async def state(server: Server, uri: str) -> tuple[bool, bool, bool, str]:
    """Whether a post is pinned, locked, visible, and why it was removed."""
    post = await server.read(lambda s: s.scalars(select(Post).where(Post.uri == uri)).one())
    pinned, locked = post.pinned_at is not None, post.locked_at is not None
    return pinned, locked, post.is_visible, post.removal_reason


async def stewards(server: Server, place: Place) -> set[str]:
    def query(session: Any) -> set[str]:
        group = select(Actor.id).where(Actor.uri == place.uri).scalar_subquery()
        people = select(Actor.uri).join(Membership, Membership.actor_id == Actor.id)
        people = people.where(Membership.community_id == group, Membership.role == Role.STEWARD)
        return set(session.scalars(people))

    return await server.read(query)


async def test_stewards_look_after_a_community_from_three_servers(fediverse):
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = await red.person("ada"), await blue.person("bob"), await green.person("cyd")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    frost = await bob.write(gardeners, "Frost in May?")
    rules = await ada.write(gardeners, "Read this first")
    await fediverse.settle()

    async def everywhere(uri: str) -> tuple[bool, bool, bool, str]:
        await fediverse.settle()
        held = {await state(server, uri) for server in (red, blue, green)}
        assert len(held) == 1, held
        return held.pop()

    # who comes later finds what is pinned and locked
    await decide(ada, pin, rules)
    await decide(ada, lock, rules, "Only to be read.")
    await cyd.join(gardeners)
    assert await everywhere(rules) == (True, True, True, "")
    async with httpx.AsyncClient(transport=fediverse.wires) as anybody:
        accept = {"Accept": "application/activity+json"}
        found = await anybody.get("https://red.test/c/gardeners/featured", headers=accept)
    items = found.json()["orderedItems"]
    assert [(it["id"], it["stickied"], it["commentsEnabled"]) for it in items] == [
        (rules, True, False)
    ]

    # a reply that crosses the lock on its way is refused
    answer = await cyd.reply(frost, "Fleece.")
    await fediverse.settle()
    fediverse.wires.cut.add("green.test")
    await decide(ada, lock, frost)
    await fediverse.settle()
    late = await cyd.reply(frost, "And straw.")
    fediverse.wires.cut.clear()
    await red.try_again_now("green.test")
    assert await everywhere(frost) == (False, True, True, "")
    assert [row[0] for row in await red.thread(frost)] == [frost, answer]
    assert late not in [row[0] for row in await blue.thread(frost)]
    with pytest.raises(NotAllowed, match="locked"):
        await cyd.reply(frost, "Or cork?")
    await decide(ada, unlock, frost)
    await decide(ada, pin, frost)
    assert await everywhere(frost) == (True, False, True, "")

    # another steward, who lives elsewhere
    with pytest.raises(NotAllowed):
        await decide(cyd, remove, frost)
    await role(ada, appoint, gardeners, cyd)
    await fediverse.settle()
    for server in (red, blue, green):
        assert await stewards(server, gardeners) == {ada.uri, cyd.uri}
    await decide(cyd, unpin, frost)
    await decide(cyd, lock, frost, "Spring is over.")
    assert await everywhere(frost) == (False, True, True, "")
    await decide(cyd, unlock, frost)
    await fediverse.settle()
    mulch = await bob.reply(answer, "Buy my mulch!")
    await fediverse.settle()
    await decide(cyd, remove, mulch, "An advert")
    assert await everywhere(mulch) == (False, False, False, "An advert")
    held = await red.thread(frost)
    await decide(ada, restore, mulch)
    assert await everywhere(mulch) == (False, False, True, "")
    assert await red.thread(frost) == await blue.thread(frost)
    assert len(await red.thread(frost)) == len(held) + 1

    # the discussion itself goes and comes back
    await decide(cyd, remove, frost, "Asked before")
    assert await everywhere(frost) == (False, False, False, "Asked before")
    await decide(cyd, restore, frost)
    assert await everywhere(frost) == (False, False, True, "")

    # and the founder goes
    await role(cyd, dismiss, gardeners, ada)
    await fediverse.settle()
    for server in (red, blue, green):
        assert await stewards(server, gardeners) == {cyd.uri}
    with pytest.raises(NotAllowed):
        await decide(ada, lock, frost)
    with pytest.raises(NotAllowed, match="needs a steward"):
        await role(cyd, dismiss, gardeners, cyd)


async def test_what_its_author_changes_while_it_is_taken_out_stands_everywhere_in_the_end(
    fediverse,
):
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = await red.person("ada"), await blue.person("bob"), await green.person("cyd")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await cyd.join(gardeners)
    await fediverse.settle()
    frost = await bob.write(gardeners, "Frost in May?", "Only fools plant before.")
    await fediverse.settle()
    fleece = await bob.reply(frost, "You all should know.")
    await fediverse.settle()

    # Bob does not hear of the removal until he has thought better of it, twice
    fediverse.wires.cut.add("blue.test")
    for uri in (frost, fleece):
        await decide(ada, remove, uri, "Rude")
    await fediverse.settle()
    for text in ("Who plants before?", "Who has planted before?"):
        await bob.edit(frost, text)
        await fediverse.settle()
    await bob.edit(fleece, "Fleece helps.")
    await fediverse.settle()
    fediverse.wires.cut.clear()
    await red.try_again_now("blue.test")
    await fediverse.settle()
    for server in (red, blue, green):
        assert await server.thread(frost) == []

    for uri in (fleece, frost):
        await decide(ada, restore, uri)
    await fediverse.settle()
    held = await red.thread(frost)
    assert [text for _, _, text, _, _ in held] == [
        "Frost in May?<p>Who has planted before?</p>\n",
        "<p>Fleece helps.</p>\n",
    ]
    assert await blue.thread(frost) == held
    assert await green.thread(frost) == held
