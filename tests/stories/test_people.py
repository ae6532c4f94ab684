"""People follow, block and leave across servers, and each server ends up knowing the same."""

import pytest
from sqlalchemy import func, select

from fedcop.domain.access.models import Link, SignIn
from fedcop.domain.access.sessions import begin, signed_in
from fedcop.domain.communities.models import Membership
from fedcop.domain.network.models import Activity
from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.block import block, blocked_by, is_blocked, unblock
from fedcop.domain.people.follow import follow, unfollow
from fedcop.domain.people.models import Account, Actor, Follow, Key
from fedcop.domain.people.suspend import reinstate, suspend
from fedcop.domain.posts import departure
from fedcop.domain.posts.departure import depart
from fedcop.domain.posts.models import Post
from fedcop.errors import Conflict, Invalid, NotAllowed
from fedcop.outbox.last_keys import forget_last_keys
from fedcop.outbox.queue import KEPT

pytestmark = pytest.mark.anyio


async def between(person, action, uri, *more):
    """Let a person do something to the person who has this URI."""
    other = await person.server.meet(uri)
    await person.server.act(
        lambda uow: action(uow, uow.get(Actor, person.id), uow.get(Actor, other), *more) and None
    )


async def follows(server):
    """Who follows whom, as this server knows it."""

    def query(session):
        names = dict(session.execute(select(Actor.id, Actor.name)).all())
        rows = session.scalars(select(Follow)).all()
        return {(names[row.follower_id], names[row.target_id]): row.standing for row in rows}

    return await server.read(query)


async def count(server, table, *conditions):
    query = select(func.count()).select_from(table).where(*conditions)
    return await server.read(lambda session: session.scalar(query))


async def test_following_blocking_and_what_it_changes(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()

    await between(bob, follow, ada.uri)
    assert await follows(blue) == {("bob", "ada"): "asked"}
    await fediverse.settle()
    assert await follows(blue) == await follows(red) == {("bob", "ada"): "active"}
    await between(ada, follow, bob.uri)
    await fediverse.settle()
    assert await follows(blue) == await follows(red)
    assert len(await follows(red)) == 2

    await between(ada, unfollow, bob.uri)
    await fediverse.settle()
    assert await follows(blue) == await follows(red) == {("bob", "ada"): "active"}

    await between(ada, follow, bob.uri)
    await fediverse.settle()
    await between(ada, block, bob.uri)
    await fediverse.settle()
    assert await follows(blue) == await follows(red) == {}
    assert await count(red, Activity, Activity.type == "Block") == 0, "it would tell the blocked"
    assert await red.read(lambda s: len(blocked_by(s, ada.id))) == 1
    with pytest.raises(NotAllowed):
        await between(ada, follow, bob.uri)
    await between(bob, follow, ada.uri)
    await fediverse.settle()
    assert await follows(blue) == await follows(red) == {}, "rejected"

    frost = await ada.write(gardeners, "Frost in May?")
    await fediverse.settle()
    await bob.reply(frost, "Fleece, @ada@red.test.")
    await fediverse.settle()
    assert len(await red.thread(frost)) == 2, "the community is not theirs to close"
    assert await count(red, Notification, Notification.post_id.is_not(None)) == 0
    await between(ada, unblock, bob.uri)
    await bob.reply(frost, "Straw.")
    await between(bob, follow, ada.uri)
    await fediverse.settle()
    assert await follows(blue) == await follows(red) == {("bob", "ada"): "active"}
    assert await count(red, Notification, Notification.reason == "reply") == 1


async def test_an_account_is_deleted_everywhere(fediverse, monkeypatch):
    monkeypatch.setattr(departure, "AT_ONCE", 2)
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = await red.person("ada"), await blue.person("bob"), await green.person("cyd")
    gardeners = await red.community("gardeners", ada)
    bees = await blue.community("bees", bob)
    for person, place in ((bob, gardeners), (cyd, gardeners), (ada, bees)):
        await person.join(place)
    await fediverse.settle()
    await between(cyd, follow, ada.uri)
    await between(ada, follow, bob.uri)
    await fediverse.settle()
    frost = await ada.write(gardeners, "Frost in May?")
    swarm = await ada.write(bees, "A swarm!")
    await fediverse.settle()
    fleece = await cyd.reply(frost, "Fleece.")
    await ada.reply(swarm, "It sits in the pear tree.")
    await fediverse.settle()
    token = await red.act(lambda uow: begin(uow, ada.id))

    with pytest.raises(Conflict, match="Gardeners"):
        await red.act(lambda uow: depart(uow, uow.get(Actor, ada.id)))
    eve = await red.person("eve")
    await eve.join(gardeners)
    await red.act(lambda uow: make_steward(uow, gardeners.id, eve.id))
    await red.act(lambda uow: depart(uow, uow.get(Actor, ada.id)))
    assert await red.read(lambda s: signed_in(s, token, now(s))) is None
    await fediverse.settle()

    for server in (red, blue, green):
        gone = await server.read(lambda s: s.scalar(select(Actor).where(Actor.uri == ada.uri)))
        assert gone.deleted_at is not None, server.host
        assert (gone.display_name, gone.summary_source) == ("", None)
        standing = (Post.author_id == gone.id, Post.deleted_at.is_(None))
        assert await count(server, Post, *standing) == 0, server.host
        assert await count(server, Membership, Membership.actor_id == gone.id) == 0
    assert await red.thread(frost) == await blue.thread(frost) == await green.thread(frost)
    assert [row[0] for row in await red.thread(frost)] == [fleece]
    assert await follows(red) == await follows(green) == await follows(blue) == {}
    for table, column in (
        (SignIn, SignIn.account_id),
        (Link, Link.account_id),
        (Account, Account.actor_id),
    ):
        assert await count(red, table, column == ada.id) == 0
    with pytest.raises(Invalid, match="taken"):
        await red.person("ada")
    await red.act(lambda uow: depart(uow, uow.get(Actor, ada.id)))  # twice changes nothing
    assert (
        await count(red, Activity, Activity.object_uri == ada.uri, Activity.type == "Delete") == 1
    )

    keys = (Key, Key.actor_id == ada.id)
    await red.act(lambda uow: forget_last_keys(uow.session, uow.now))
    assert await count(red, *keys) == 2
    await red.act(lambda uow: forget_last_keys(uow.session, uow.now + KEPT * 2))
    assert await count(red, *keys) == 0


async def test_who_is_suspended_says_no_more(fediverse):
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await fediverse.settle()
    frost = await ada.write(gardeners, "Frost in May?")
    await fediverse.settle()
    fleece = await bob.reply(frost, "Fleece.")
    await fediverse.settle()
    afar = await red.meet(bob.uri)
    token = await red.act(lambda uow: begin(uow, ada.id))
    await red.act(lambda uow: suspend(uow, uow.get(Actor, afar)))
    await red.act(lambda uow: suspend(uow, uow.get(Actor, ada.id), reason="Spam"))
    assert await count(red, SignIn) == 0
    assert await red.read(lambda s: signed_in(s, token, now(s))) is None
    await bob.reply(frost, "Buy my fleece!")
    await bob.vote(frost)
    await fediverse.settle()
    assert [row[0] for row in await red.thread(frost)] == [frost, fleece]
    assert (await red.thread(frost))[0][3] == 0
    await bob.delete(fleece)
    await fediverse.settle()
    assert [row[0] for row in await red.thread(frost)] == [frost], "what they take back goes"
    for actor_id in (afar, ada.id):
        await red.act(lambda uow, it=actor_id: reinstate(uow, uow.get(Actor, it)))
    await bob.reply(frost, "Sorry.")
    await fediverse.settle()
    assert len(await red.thread(frost)) == 2
    with pytest.raises(NotAllowed):
        await red.act(lambda uow: suspend(uow, uow.get(Actor, gardeners.id)))


async def test_a_follower_on_another_server_reads_what_a_person_says(fediverse):
    """Also where nobody belongs to the community; and hears of its edit and its end."""
    red, blue = await fediverse("red.test", "blue.test")
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await between(bob, follow, ada.uri)
    await fediverse.settle()
    frost = await ada.write(gardeners, "Frost in May?")
    answer = await ada.reply(frost, "I mean real frost.")
    await fediverse.settle()
    assert [row[0] for row in await blue.thread(frost)] == [frost, answer]
    await ada.edit(frost, "It *froze*.")
    await ada.delete(answer)
    await fediverse.settle()
    assert await blue.thread(frost) == await red.thread(frost)
    assert await blue.read(lambda s: is_blocked(s, ada.id, bob.id)) is False


def make_steward(uow, community_id, actor_id):
    uow.session.get_one(Membership, (community_id, actor_id)).role = "steward"


def now(session):
    return session.scalar(select(func.max(Account.created_at)))
