"""Stewards keep a community safe, with members of several servers: reports, bans, the log."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from fedcop.db.paging import Cursor
from fedcop.domain.communities.ban import ban, lift
from fedcop.domain.communities.models import Ban, Community, Membership, Role
from fedcop.domain.moderation import cases, log
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.moderation.report import reopen, report, resolve, withdraw
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.errors import NotAllowed, NotTheirs
from fedcop.outbox.dialects import FORUM

pytestmark = pytest.mark.anyio


async def forums(*servers):
    """Each knows already that the others run forum software."""

    def act(uow):
        for host in uow.session.scalars(select(Host)):
            host.dialect, host.view = FORUM.dialect, FORUM.view

    for server in servers:
        await server.act(act)


async def reports(person, uri, words, **more):
    """As the form of a report does."""

    def act(uow):
        post = uow.find(Post, uri)
        community = uow.get(Community, post.community_id)
        return report(
            uow,
            uow.get(Actor, person.id),
            target=uow.get(Actor, post.author_id),
            post=post,
            community=community,
            words=words,
            **more,
        ).id

    return await person.server.act(act)


async def bans(steward, place, uri, **more):
    """Ban the actor with this URI."""

    def act(uow):
        community = uow.get(Community, uow.find(Actor, place.uri).id)
        ban(uow, community, uow.find(Actor, uri), uow.get(Actor, steward.id), **more)

    await steward.server.act(act)


async def lifts(steward, place, uri):
    def act(uow):
        community = uow.get(Community, uow.find(Actor, place.uri).id)
        lift(uow, community, uow.find(Actor, uri), uow.get(Actor, steward.id))

    await steward.server.act(act)


async def all_of(server, table):
    return await server.read(lambda session: list(session.scalars(select(table))))


async def told(server, *types):
    """The types of what was said here, of these types."""
    rows = await all_of(server, Activity)
    return [row.type for row in rows if row.type in types]


@pytest.fixture
async def village(fediverse):
    """Ada's gardeners on red; bob of blue and cyd of green belong to them."""
    red, blue, green = await fediverse("red.test", "blue.test", "green.test")
    ada, bob, cyd = [
        await server.person(name) for server, name in ((red, "ada"), (blue, "bob"), (green, "cyd"))
    ]
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await cyd.join(gardeners)
    await fediverse.settle()
    await forums(red, blue, green)
    return fediverse, (red, blue, green), (ada, bob, cyd), gardeners


async def test_a_report_from_afar_leads_to_a_ban_with_an_end(village):
    world, (red, blue, green), (ada, bob, cyd), gardeners = village
    frost = await ada.write(gardeners, "Frost in May?")
    await world.settle()
    spam = await bob.reply(frost, "Buy my fleece!")
    await world.settle()

    # cyd tells the stewards, whose server is another
    await forums(green)
    await reports(cyd, spam, "This is advertising.")
    await world.settle()
    [heard] = await all_of(red, Report)
    assert (heard.words, heard.snapshot) == ("This is advertising.", "Buy my fleece!")
    reporter = await red.read(lambda s: s.get(Actor, heard.reporter_id).uri)
    assert (reporter, heard.community_id) == (cyd.uri, gardeners.id)
    # the server of the author hears, too: it is a matter of its admins
    [at_home] = await all_of(blue, Report)
    assert (at_home.words, at_home.community_id) == ("This is advertising.", None)
    assert await told(red, "Flag") == ["Flag"]
    assert not [row for row in await all_of(red, Activity) if row.local and row.type == "Flag"]

    until = datetime.now(UTC) + timedelta(days=7)
    await bans(ada, gardeners, bob.uri, reason="Advertising", until=until, with_posts=True)
    await red.act(
        lambda uow: resolve(uow, uow.get(Report, heard.id), uow.get(Actor, ada.id), "Banned.")
    )
    await world.settle()
    for server in (red, blue, green):
        assert [row[0] for row in await server.thread(frost)] == [frost]
        [held] = await all_of(server, Ban)
        assert held.reason == "Advertising"
        assert abs(held.until - until) < timedelta(seconds=1)
    assert bob.uri not in await red.members(gardeners.uri)
    assert bob.uri not in await blue.members(gardeners.uri)
    with pytest.raises(NotAllowed, match=r"until \d+ \w+ \d{4}.* Advertising"):
        await bob.reply(frost, "Still here.")
    with pytest.raises(NotAllowed, match="banned"):
        await bob.join(gardeners)

    # a server that does not care for the ban is not heard either
    await blue.act(lambda uow: uow.session.query(Ban).delete() and None)
    await bob.join(gardeners)
    await world.settle()
    assert (await blue.members(gardeners.uri))[bob.uri] == "refused"

    def let_in(uow):
        row = uow.session.get(Membership, (uow.find(Actor, gardeners.uri).id, bob.id))
        row.standing = "active"

    await blue.act(let_in)
    await bob.reply(frost, "Cheaper fleece!")
    await bob.vote(frost)
    await world.settle()
    assert len(await red.thread(frost)) == len(await green.thread(frost)) == 1
    assert (await red.thread(frost))[0][3] == 0

    await lifts(ada, gardeners, bob.uri)
    await world.settle()
    for server in (red, green):
        [held] = await all_of(server, Ban)
        assert held.lifted_at is not None
    await bob.join(gardeners)
    await world.settle()
    await bob.reply(frost, "Sorry. Mine froze, too.")
    await world.settle()
    assert [len(await server.thread(frost)) for server in (red, green)] == [2, 2]

    def lines(*, for_stewards):
        return lambda s: log.of_community(
            s, gardeners.id, Cursor(limit=50), for_stewards=for_stewards
        )

    public = await red.read(lines(for_stewards=False))
    assert [line.deed.deed for line in reversed(public.items)] == [
        "banned",
        "removed",
        "ban lifted",
    ]
    assert {line.by.uri for line in public.items} == {ada.uri}
    assert {line.actor.uri for line in public.items} == {bob.uri}
    whole = await red.read(lines(for_stewards=True))
    assert len(whole.items) == 4
    assert not [line for line in whole.items if line.actor.uri == cyd.uri]


async def test_a_ban_that_has_ended_counts_no_more_and_a_last_steward_stays(village):
    world, (red, blue, _), (ada, bob, cyd), gardeners = village
    frost = await ada.write(gardeners, "Frost in May?")
    await world.settle()
    with pytest.raises(NotAllowed, match="yourself"):
        await bans(ada, gardeners, ada.uri)
    with pytest.raises(NotAllowed, match="Only a steward"):
        await bans(bob, gardeners, ada.uri)
    await bans(ada, gardeners, bob.uri, until=datetime.now(UTC) + timedelta(days=1))
    await bans(ada, gardeners, bob.uri)  # another takes its place: for good
    await bans(ada, gardeners, bob.uri)  # the same changes nothing
    await world.settle()
    assert len(await all_of(red, Ban)) == len(await all_of(blue, Ban)) == 2

    def end_now(uow):
        for row in uow.session.scalars(select(Ban)):
            row.until = uow.now - timedelta(seconds=1)

    await red.act(end_now)
    await blue.act(end_now)
    await bob.join(gardeners)
    await world.settle()
    await bob.reply(frost, "I am back.")
    await world.settle()
    assert len(await red.thread(frost)) == 2

    # a steward at home elsewhere hears of reports and bans from there; the last one stays
    def appoint(uow):
        uow.session.get(Membership, (gardeners.id, uow.find(Actor, bob.uri).id)).role = Role.STEWARD

    await red.act(appoint)

    def knows(uow):
        row = uow.session.get(Membership, (uow.find(Actor, gardeners.uri).id, bob.id))
        row.role = Role.STEWARD

    await blue.act(knows)
    dan = await red.person("dan")
    await dan.join(gardeners)
    loud = await dan.reply(frost, "NONSENSE!")
    await world.settle()
    await reports(ada, loud, "Loud.")
    await world.settle()
    [there] = await all_of(blue, Report)
    assert (there.words, there.snapshot) == ("Loud.", "NONSENSE!")
    reporter = await blue.read(lambda s: s.get(Actor, there.reporter_id).uri)
    assert reporter == ada.uri
    await bans(bob, gardeners, dan.uri, reason="Loud")
    await world.settle()
    [*_, mine] = await all_of(red, Ban)
    assert (mine.reason, await red.read(lambda s: s.get(Actor, mine.by_id).uri)) == (
        "Loud",
        bob.uri,
    )
    assert dan.uri not in await red.members(gardeners.uri)
    await lifts(bob, gardeners, dan.uri)
    await world.settle()
    assert (await all_of(red, Ban))[-1].lifted_at is not None
    await bans(bob, gardeners, ada.uri)
    await world.settle()
    assert (await red.members(gardeners.uri)).keys() == {bob.uri, cyd.uri}
    with pytest.raises(NotAllowed, match="Only a steward"):
        await bans(ada, gardeners, bob.uri)


async def test_reports_fold_are_answered_together_and_opened_again(village):
    world, (red, blue, _), (ada, bob, cyd), gardeners = village
    frost = await bob.write(gardeners, "Frost in May?")
    await world.settle()
    first = await reports(cyd, frost, "Wrong place.")
    assert await reports(cyd, frost, "And rude.") == first
    await reports(ada, frost, "Rude, yes.", tell_home=True)
    await world.settle()

    def open_cases(session):
        return cases.cases(session, cases.of_stewards(gardeners.id, ada.id), Cursor()).items

    [case] = await red.read(open_cases)
    assert {heard.reporter.uri for heard in case.reports} == {ada.uri, cyd.uri}
    mine = cases.of_stewards(gardeners.id, ada.id)
    assert await red.read(lambda s: cases.count_open(s, mine)) == 1
    assert await red.read(lambda s: cases.record_of(s, case.target.id, gardeners.id)) == (
        cases.Record(1, 0, 2)
    )
    # bob's own server hears of it in the name of red: it tells its admins, and not who it was
    [known] = [row for row in await all_of(blue, Report) if row.community_id is None]
    names = await blue.read(lambda s: (s.get(Actor, known.reporter_id).uri, known.words))
    assert names == ("https://red.test/", "Rude, yes.")
    shown = [row.id for row in await all_of(red, Activity) if row.local and row.type == "Flag"]
    answers = [await status_of(red, row_id) for row_id in shown]
    assert set(answers) == {404}

    newest = case.newest.id
    with pytest.raises(NotAllowed):
        await red.act(
            lambda uow: resolve(uow, uow.get(Report, newest), uow.find(Actor, cyd.uri), "No.")
        )
    await red.act(
        lambda uow: resolve(uow, uow.get(Report, newest), uow.get(Actor, ada.id), "Spoken to.")
    )
    assert {row.state for row in await all_of(red, Report)} == {ReportState.RESOLVED}
    await red.act(lambda uow: reopen(uow, uow.get(Report, newest), uow.get(Actor, ada.id)))
    assert {row.state for row in await all_of(red, Report)} == {ReportState.OPEN}


async def test_a_report_is_taken_back_wherever_it_was_heard(village):
    world, (red, blue, green), (ada, bob, cyd), gardeners = village

    def steward(uow):
        place = uow.find(Actor, gardeners.uri).id
        uow.session.get(Membership, (place, uow.find(Actor, cyd.uri).id)).role = Role.STEWARD

    await red.act(steward)
    await green.act(steward)
    dan = await red.person("dan")
    await dan.join(gardeners)
    frost = await bob.write(gardeners, "Frost in May?")
    await world.settle()
    loud = await dan.reply(frost, "NONSENSE!")
    await world.settle()
    # of a community elsewhere: its stewards and the author's server; of ours: stewards elsewhere;
    # and the author's own server, in this server's name
    by_bob = (bob, await reports(bob, loud, "Loud."))
    by_ada = (ada, await reports(ada, frost, "Rude.", tell_home=True))
    await world.settle()
    heard = {server.host: await all_of(server, Report) for server in (red, blue, green)}
    assert {host: len(rows) for host, rows in heard.items()} == {
        "red.test": 2,
        "blue.test": 2,
        "green.test": 2,
    }

    for person, report_id in (by_bob, by_ada):

        def take_back(uow, person=person, report_id=report_id):
            withdraw(uow, uow.get(Report, report_id), uow.get(Actor, person.id))

        await person.server.act(take_back)
        await person.server.act(take_back)
    with pytest.raises(NotTheirs):
        await red.act(lambda uow: withdraw(uow, uow.get(Report, by_ada[1]), uow.get(Actor, dan.id)))
    await world.settle()
    for server in (red, blue, green):
        states = {row.state for row in await all_of(server, Report)}
        assert states == {ReportState.WITHDRAWN}, server.host
        said = [row for row in await all_of(server, Activity) if row.local and b"Flag" in row.body]
        assert {await status_of(server, row.id) for row in said} <= {404}, server.host


async def status_of(server, row_id):
    """How an activity of this server answers forum software."""
    transport = httpx.ASGITransport(server.house.web)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{server.host}") as client:
        accept = {"Accept": "application/activity+json", "User-Agent": "Lemmy/1.0"}
        return (await client.get(f"/activity/{row_id}", headers=accept)).status_code
