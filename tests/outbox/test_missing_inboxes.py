"""An inbox that is not there: tried thrice in a day, then its readers are asked where they read."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab import actors as vocab
from fedcop.domain.communities.federation import remember_actor
from fedcop.domain.communities.models import Audience, Membership
from fedcop.domain.network.hosts import inbox_at
from fedcop.domain.network.models import RemoteInbox
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import KnownAt, Post
from fedcop.errors import Gone, NotFound, Unreachable
from fedcop.ids import new_id
from fedcop.outbox import missing, parking, partners, policing
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.look import look
from fedcop.outbox.models import Delivery, HeldBack, MissingInbox
from fedcop.work.jobs import Job
from tests.outbox.garden import garden, waiting

pytestmark = pytest.mark.anyio
HOST = "l.example"


async def held(here):
    return len(await here.rows(HeldBack))


async def state(here):
    """How often the inbox was tried, and in how many hours it is tried again."""
    (row,) = await here.rows(MissingInbox)
    if row.next_try_at is None:
        return row.tries, None
    return row.tries, round((row.next_try_at - datetime.now(UTC)).total_seconds() / 3600)


async def asked_for(here):
    return [job.payload["inbox_id"] for job in await here.rows(Job, Job.name == "look_for_inbox")]


async def its_time_comes(here):
    """As if the next try were due; a worker that has just begun takes a look."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    await here.act(
        lambda uow: (
            uow.session.execute(
                update(MissingInbox)
                .where(MissingInbox.next_try_at.is_not(None))
                .values(next_try_at=past)
            )
            and None
        )
    )
    while await Deliverer(here.app).run_once():
        pass


async def missed(here, times=missing.TRIES, status=404):
    """A community whose member's inbox has answered so, so many times."""
    ada, home = await garden(here, HOST)
    here.net.answers[HOST] = [status]
    root = await here.start(ada, home, "first")
    await Deliverer(here.app).run_once()
    for _ in range(times - 1):
        await its_time_comes(here)
    return ada, home, root


def texts(here):
    return [said["object"]["object"]["source"]["content"] for _, said in here.net.brought]


async def reader(here):
    return (await here.rows(Actor, Actor.name == "eve"))[0]


def moves(here, uri, inbox):
    """Their host names another inbox now."""
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "Person",
        "preferredUsername": "eve",
        "inbox": inbox,
    }

    async def ask(asked):
        assert asked == uri
        wire = parse(document)
        assert isinstance(wire, vocab.Actor)
        await here.act(lambda uow: remember_actor(uow, wire) and None)

    return ask


def says(error):
    async def ask(_):
        if error is not None:
            raise error

    return ask


async def test_three_tries_in_a_day_with_all_held_back(here):
    ada, _, root = await missed(here, times=1)
    assert (await waiting(here), await held(here), await state(here)) == (0, 1, (1, 1))
    host = await here.host(HOST)
    assert (host.failing_since is not None, host.last_error) == (True, "An inbox answered 404.")
    await here.reply(ada, root, "second")
    while await Deliverer(here.app).run_once():
        pass
    assert (await waiting(here), await held(here)) == (0, 2)
    assert len(here.net.requests) == 1  # nobody knocks again before its time
    assert (await here.host(HOST)).failing_since == host.failing_since
    (queue,) = await here.read(parking.pending)
    assert (queue.host, queue.waiting, queue.error) == (HOST, 2, "An inbox answered 404.")
    now = datetime.now(UTC)
    (partner,) = await here.read(lambda s: partners.partners(s, now, "cop.example"))
    assert (partner.waiting, partner.condition) == (2, partners.Condition.FAILING)
    await its_time_comes(here)
    assert (await held(here), await state(here)) == (2, (2, 21))
    assert await asked_for(here) == []
    await its_time_comes(here)
    assert (await held(here), await state(here)) == (2, (3, 24))
    assert len(here.net.requests) == 3
    (inbox,) = await here.rows(RemoteInbox)
    assert await asked_for(here) == [inbox.id]
    assert sum(missing.WAITS, timedelta()) < timedelta(days=1)


async def test_an_inbox_that_is_there_again_gets_all_in_order(here):
    ada, _, root = await missed(here, times=2)
    for number in range(3):
        await here.reply(ada, root, f"reply {number}")
    await Deliverer(here.app).run_once()
    here.net.answers[HOST] = [202]
    await its_time_comes(here)
    assert texts(here) == ["first", "reply 0", "reply 1", "reply 2"]
    assert (await here.rows(MissingInbox), await held(here), await waiting(here)) == ([], 0, 0)
    assert (await here.host(HOST)).failing_since is None
    await here.reply(ada, root, "and so on")
    await Deliverer(here.app).run_once()
    assert texts(here)[4:] == ["and so on"]


async def test_what_is_held_back_after_all_is_not_forgotten(here):
    """A worker whose lease ran out wrote it down when the inbox was there again already."""
    await missed(here, times=1)
    await here.act(lambda uow: uow.session.execute(delete(MissingInbox)) and None)
    here.net.answers[HOST] = [202]
    await its_time_comes(here)
    assert (texts(here), await held(here)) == (["first"], 0)


async def test_nobody_else_on_the_host_waits(here):
    """One reader has an inbox of their own, and it is not there."""
    ada, home = await garden(here, HOST)
    zoe = await here.remote(HOST, "zoe", "lemmy")
    own = f"https://{HOST}/u/zoe/inbox"
    await here.act(
        lambda uow: setattr(uow.get(Actor, zoe), "delivery_inbox_id", inbox_at(uow, own).id)
    )
    await here.member(home, zoe)
    await here.deliver()
    here.net.answers[HOST] = [202, 404, 202]
    root = await here.start(ada, home)
    await here.reply(ada, root)
    await Deliverer(here.app).run_once()
    assert (len(here.net.brought), await waiting(here), await held(here)) == (2, 0, 2)
    assert (await here.host(HOST)).failing_since is None


async def test_who_is_said_to_be_gone_is_asked_for_at_once(here):
    await missed(here, times=1, status=410)
    assert len(await asked_for(here)) == 1
    await its_time_comes(here)
    assert len(await asked_for(here)) == 1  # once is enough, until the last try
    await its_time_comes(here)
    assert len(await asked_for(here)) == 2


async def test_who_reads_elsewhere_now_gets_it_there(here):
    ada, _, root = await missed(here)
    old = (await here.rows(RemoteInbox))[0].id
    eve = await reader(here)
    new = f"https://{HOST}/u/eve/new"
    await here.act(
        lambda uow: uow.add(KnownAt(post_id=root, inbox_id=old, host_id=eve.host_id or 0))
    )
    await look(here.app, moves(here, eve.uri, new), old)
    here.net.answers[HOST] = [202]
    await here.reply(ada, root, "second")
    while await Deliverer(here.app).run_once():
        pass
    assert texts(here) == ["first", "second"]
    assert [str(r.url) for r in here.net.requests[-2:]] == [new, new]
    address = (await here.rows(RemoteInbox, RemoteInbox.uri == new))[0].id
    assert [row.inbox_id for row in await here.rows(Audience)] == [address]
    assert [row.inbox_id for row in await here.rows(KnownAt)] == [address]
    assert (await here.rows(MissingInbox), await held(here)) == ([], 0)


async def test_who_says_where_they_read_now_need_not_be_asked(here):
    """Their new profile comes before anything failed; another still reads at the old address."""
    ada, home = await garden(here, HOST)
    zoe = await here.remote(HOST, "zoe", "lemmy")
    await here.member(home, zoe)
    await here.start(ada, home)
    await here.deliver()
    eve, new = await reader(here), f"https://{HOST}/u/eve/new"
    await moves(here, eve.uri, new)(eve.uri)
    await here.start(ada, home)
    await here.deliver()
    asked = sorted(r.url.path for r in here.net.requests[-3:])
    assert asked == ["/inbox", "/inbox", "/u/eve/new"]


async def test_who_is_gone_is_told_nothing_any_more(here):
    ada, home, root = await missed(here)
    theirs = await here.arrive((await reader(here)).id, home, root)
    (inbox,) = await here.rows(RemoteInbox)
    await look(here.app, says(Gone("410")), inbox.id)
    eve = await reader(here)
    assert (eve.deleted_at is not None, eve.display_name) == (True, "")
    assert await here.rows(Membership, Membership.actor_id == eve.id) == []
    assert (await here.rows(Audience), await held(here)) == ([], 0)
    assert await here.rows(MissingInbox) == []
    (said,) = await here.rows(Post, Post.id == theirs)
    assert said.is_visible  # nobody has taken back what they said
    asked = len(here.net.requests)
    await here.start(ada, home)
    await here.deliver()
    assert len(here.net.requests) == asked


@pytest.mark.parametrize("error", [None, NotFound("404")])
async def test_an_inbox_that_is_still_named_is_tried_daily(here, error):
    ada, _, root = await missed(here)
    (inbox,) = await here.rows(RemoteInbox)
    await look(here.app, says(error), inbox.id)
    assert (await held(here), await state(here)) == (0, (3, 24))
    await here.reply(ada, root, "second")
    await Deliverer(here.app).run_once()
    assert await held(here) == 1
    here.net.answers[HOST] = [202]
    await its_time_comes(here)
    assert texts(here) == ["second"]


async def test_nothing_is_given_up_before_the_last_try(here):
    await missed(here, times=1, status=410)
    (inbox,) = await here.rows(RemoteInbox)
    await look(here.app, says(None), inbox.id)
    assert await held(here) == 1
    with pytest.raises(Unreachable):
        await look(here.app, says(Unreachable("not now")), inbox.id)
    assert await held(here) == 1


async def test_many_readers_are_asked_a_few_at_a_time(here, monkeypatch):
    _, home, _ = await missed(here)
    for name in ("zoe", "bob"):
        await here.member(home, await here.remote(HOST, name, "lemmy"))
    (inbox,) = await here.rows(RemoteInbox)
    monkeypatch.setattr("fedcop.outbox.look._AT_ONCE", 2)
    await look(here.app, says(Gone("410")), inbox.id)
    assert len(await asked_for(here)) == 2  # the rest is asked by another job
    assert await held(here) == 1
    await look(here.app, says(Gone("410")), inbox.id)
    assert (await held(here), await here.rows(Audience)) == (0, [])


async def test_what_was_held_back_for_a_week_is_dropped(here):
    await missed(here, times=1)
    old = new_id(datetime.now(UTC) - timedelta(days=8))
    await here.act(lambda uow: uow.session.execute(update(HeldBack).values(activity_id=old)))
    await its_time_comes(here)
    assert (await held(here), await here.rows(Delivery)) == (0, [])


async def test_a_blocked_host_has_nothing_held_back(here):
    await missed(here, times=1)
    preview = await here.read(lambda s: policing.preview_block(s, HOST, "cop.example"))
    assert preview.waiting == 1
    await here.act(lambda uow: policing.block(uow, HOST))
    assert (await held(here), await here.rows(MissingInbox)) == (0, [])


async def test_an_admin_lets_it_be_tried_at_once(here):
    await missed(here, times=1)
    here.net.answers[HOST] = [202]
    assert await here.act(lambda uow: partners.retry(uow.session, HOST))
    await Deliverer(here.app).run_once()
    assert (texts(here), await here.rows(MissingInbox)) == (["first"], [])
