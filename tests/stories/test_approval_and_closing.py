"""A community decides who writes, and closes one day: what its own people and others notice."""

import pytest
from sqlalchemy import select

from fedcop.db.paging import Cursor
from fedcop.domain.communities.approve import approve, refuse, waiting
from fedcop.domain.communities.close import close, reopen
from fedcop.domain.communities.guidelines import set_guidelines
from fedcop.domain.communities.join import join as joining
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.communities.openness import set_openness
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid, NotAllowed

pytestmark = pytest.mark.anyio


async def steward_does(place, steward, deed, *more, **named):
    """Let a steward do something to their community: `deed(uow, community, …)`."""

    def act(uow):
        return deed(
            uow, uow.get(Community, place.id), *more, by=uow.get(Actor, steward.id), **named
        )

    return await place.server.act(lambda uow: act(uow) and None)


async def answer(place, steward, deed, person_uri, *reason):
    def act(uow):
        actor = uow.find(Actor, person_uri)
        deed(uow, uow.get(Community, place.id), actor, uow.get(Actor, steward.id), *reason)

    await place.server.act(act)


async def test_stewards_decide_who_writes(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, eve = await red.person("ada"), await red.person("eve")
    bob, dan = await blue.person("bob"), await blue.person("dan")
    gardeners = await red.community("gardeners", ada)
    await dan.join(gardeners)
    await fediverse.settle()
    await steward_does(gardeners, ada, set_openness, stewards_only=False, approval=True)

    await bob.join(gardeners)
    await fediverse.settle()
    assert (await blue.members(gardeners.uri))[bob.uri] == "active", "everybody may listen"
    frost = await dan.write(gardeners, "Frost in May?")
    await fediverse.settle()
    assert len(await red.thread(frost)) == 1, "who belonged before stays approved"
    assert len(await blue.thread(frost)) == 1

    quiet = await bob.reply(frost, "Fleece.")
    await bob.vote(frost)
    await fediverse.settle()
    assert [row[0] for row in await red.thread(frost)] == [frost], "not heard, and not announced"
    assert (await red.thread(frost))[0][3] == 0

    def ask(uow):
        from_here = uow.get(Actor, eve.id)
        return joining(uow, uow.get(Community, gardeners.id), from_here, words=" I grow  leeks. ")

    await red.act(lambda uow: ask(uow) and None)
    with pytest.raises(NotAllowed, match="stewards decide"):
        await eve.reply(frost, "Straw!")
    page = await red.read(lambda session: waiting(session, gardeners.id, Cursor()))
    assert {(actor.name, m.asked_words) for m, actor in page.items} == {
        ("bob", ""),
        ("eve", "I grow leeks."),
    }
    assert [it[:2] for it in await ada.notices()] == [
        ("asks approval", "bob"),
        ("asks approval", "eve"),
    ]
    with pytest.raises(NotAllowed):
        await answer(gardeners, eve, approve, eve.uri)

    await answer(gardeners, ada, approve, eve.uri)
    await answer(gardeners, ada, refuse, bob.uri, "We know each other by name here.")
    await fediverse.settle()
    await eve.reply(frost, "Straw!")
    await fediverse.settle()
    assert await eve.notices() == [("approved", "gardeners", "")]
    assert [row[0] for row in await blue.thread(frost)][:1] == [frost]
    assert len(await blue.thread(frost)) >= 2
    assert (await blue.members(gardeners.uri))[bob.uri] == "refused"
    assert bob.uri not in await red.members(gardeners.uri)
    assert quiet not in [row[0] for row in await red.thread(frost)]

    await bob.join(gardeners)
    await fediverse.settle()
    await steward_does(gardeners, ada, set_openness, stewards_only=False, approval=False)
    heard = await bob.reply(frost, "Fleece, after all.")
    await fediverse.settle()
    assert heard in [row[0] for row in await red.thread(frost)], "nobody waits any longer"


async def test_a_community_closes_and_goes_on(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, eve, bob = await red.person("ada"), await red.person("eve"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await eve.join(gardeners)
    frost = await eve.write(gardeners, "Frost in May?")
    await fediverse.settle()

    await steward_does(gardeners, ada, set_guidelines, source="Be kind.\n\nBe brief.")
    with pytest.raises(Invalid) as wrong:
        await steward_does(gardeners, ada, close, notice=" ", successor="somewhere")
    assert set(wrong.value.fields) == {"notice", "successor"}
    with pytest.raises(NotAllowed):
        await steward_does(gardeners, eve, close, notice="Mine now.")
    await steward_does(
        gardeners, ada, close, notice="The season is over.", successor="https://green.test/c/soil"
    )
    await fediverse.settle()

    for deed in (
        eve.reply(frost, "Straw."),
        eve.write(gardeners, "Slugs?"),
        ada.vote(frost),
        (await red.person("fay")).join(gardeners),
    ):
        with pytest.raises(NotAllowed, match="closed"):
            await deed
    late = await bob.reply(frost, "Fleece.")
    await bob.vote(frost)
    await fediverse.settle()
    held = await red.thread(frost)
    assert [(row[0], row[3]) for row in held] == [(frost, 0)]
    assert await eve.notices() == [
        ("closed", "gardeners", "The season is over.\n\nhttps://green.test/c/soil")
    ]
    cyd = await blue.person("cyd")
    await cyd.join(gardeners)
    await fediverse.settle()
    assert (await blue.members(gardeners.uri))[cyd.uri] == "active", "an archive may be followed"

    def as_known_there(session):
        place = session.scalar(select(Community).join(Actor).where(Actor.uri == gardeners.uri))
        return place.stewards_only, place.charter_html

    restricted, words = await blue.read(as_known_there)
    assert restricted
    assert "This community is closed." in words
    assert "The season is over." in words
    assert "gardeners/rules" in words

    await steward_does(gardeners, ada, reopen)
    await fediverse.settle()
    restricted, words = await blue.read(as_known_there)
    assert not restricted
    assert "closed" not in words
    again = await bob.reply(frost, "Fleece, again.")
    await fediverse.settle()
    uris = [row[0] for row in await red.thread(frost)]
    assert again in uris
    assert late not in uris
    assert [it[0] for it in await eve.notices()] == ["closed", "reopened", "reply"]
    assert (
        await red.read(lambda session: session.get(Membership, (gardeners.id, eve.id)))
    ).approved
