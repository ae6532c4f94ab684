"""What a member reports, and what the stewards and admins see and do about it."""

import httpx
import pytest
from sqlalchemy import select, update
from town_of_pages import FAR, HOST, Town, words

from fedcop.domain.communities.models import Ban, Community, Membership
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.people.models import Account
from fedcop.domain.posts.models import Post
from tests.fediverse import Person

pytestmark = pytest.mark.anyio
DESK = "/c/watershed/stewardship"


async def row(town: Town, table: type, *conditions):
    query = select(table).where(*conditions).order_by(table.id.desc()).limit(1)
    return await town.server.read(lambda session: session.scalars(query).one())


async def admin(town: Town, person: Person) -> None:
    """They run this server from now on."""
    who = update(Account).where(Account.actor_id == person.id)
    await town.server.act(lambda uow: uow.session.execute(who.values(role="admin")) and None)


async def spoken(town: Town) -> tuple[Post, Post]:
    """A discussion of the steward's, and Kofi's reply to it."""
    await town.kofi.join(town.place)
    uri = await town.ana.write(town.place, "Which gauge?")
    reply = await town.kofi.reply(uri, "Mine is the **best**, buy it.")
    return await row(town, Post, Post.uri == uri), await row(town, Post, Post.uri == reply)


async def test_only_stewards_find_their_pages(
    town: Town, ask: httpx.AsyncClient, kofi: httpx.AsyncClient, ana: httpx.AsyncClient
) -> None:
    await spoken(town)
    for path in ("", "/requests", "/reports", "/bans", "/log"):
        assert (await ask.get(DESK + path)).status_code == 303
        assert (await kofi.get(DESK + path)).status_code == 404
        page = await ana.get(DESK + path)
        assert page.status_code == 200
        assert "Stewardship" in words(page)
    assert (await kofi.post(f"{DESK}/bans", data={"who": "ana"})).status_code == 404
    assert "Nothing waits for you" in words(await ana.get(DESK))
    assert "Stewardship" in words(await ana.get("/c/watershed"))
    assert "Stewardship" not in words(await kofi.get("/c/watershed"))


async def test_a_report_becomes_a_case_and_is_decided(
    town: Town, ana: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    starter, reply = await spoken(town)
    lena = await town.server.person("lena")
    async with await town.as_(lena) as member:
        assert (
            f"/report?post={reply.id}"
            in (await member.get(f"/c/watershed/p/{starter.id}/which-gauge")).text
        )
        form = words(await member.get(f"/report?post={reply.id}"))
        assert "The stewards of Watershed read this, and see that it comes from you: Ana" in form
        empty = await member.post(f"/report?post={reply.id}")
        assert (empty.status_code, "Say in a few words" in words(empty)) == (422, True)
        sent = await member.post(f"/report?post={reply.id}", data={"words": "Advertising"})
        assert "Thank you" in words(sent)
        assert (await member.get("/report?post=1")).status_code == 404
        assert (await member.get("/report?person=nobody")).status_code == 404
        assert (await member.get("/report")).status_code == 404
    report = await row(town, Report)
    listed = words(await ana.get(f"{DESK}/reports"))
    assert "Reports (1)" in listed
    assert "Advertising" in listed
    case = f"{DESK}/reports/{report.id}"
    page = words(await ana.get(case))
    for said in ("Lena", "Advertising", "best", "@kofi@rivers.example", "1 post stands"):
        assert said in page
    assert (await ana.post(case, data={"act": "burn"})).status_code == 404
    too_long = await ana.post(case, data={"act": "keep", "words": "x" * 3_000})
    assert (too_long.status_code, "At most 2,000" in words(too_long)) == (422, True)

    await ana.post(case, data={"act": "remove", "words": "No advertising here."})
    assert (await row(town, Post, Post.id == reply.id)).removal_reason == "No advertising here."
    page = words(await ana.get(case))
    assert "It was taken out of the community. No advertising here." in page
    assert "Advertising" in words(await ana.get(f"{DESK}/reports?settled=1"))
    await ana.post(case, data={"act": "reopen"})
    await ana.post(case, data={"act": "ban", "days": "7", "reason": "Again", "with_posts": "y"})
    ban = await row(town, Ban)
    assert ban.until is not None
    assert ban.reason == "Again"
    async with await town.as_(town.kofi) as banned:
        assert "Their reason: Again" in words(await banned.get("/c/watershed"))
        assert "Their reason: Again" in words(
            await banned.get(f"/c/watershed/p/{starter.id}/which-gauge")
        )
        answer = await banned.post("/c/watershed/join")
        assert (answer.status_code, "Again" in words(answer)) == (403, True)

    # nobody but the stewards ever reads who reported
    for client in (ask, ana):
        public = words(await client.get("/c/watershed/log"))
        assert "took out what" in public
        assert "lena" not in public.lower()
        assert "report" not in public.lower()
    assert "@kofi" not in words(await ask.get("/c/watershed/log"))
    assert "@kofi" in words(await ana.get("/c/watershed/log"))
    assert "answered a report about @kofi" in words(await ana.get(f"{DESK}/log"))


async def test_bans_by_name_and_lifted(town: Town, ana: httpx.AsyncClient) -> None:
    await spoken(town)
    far = await town.far.person("maria")
    unknown = await ana.post(f"{DESK}/bans", data={"who": "@nobody@nowhere.example"})
    assert (unknown.status_code, "Nobody of this name" in words(unknown)) == (422, True)
    assert (await ana.post(f"{DESK}/bans", data={"who": "ana"})).status_code == 403
    bad = await ana.post(f"{DESK}/bans", data={"who": "kofi", "reason": "x" * 1_001})
    assert bad.status_code == 422
    for who in ("kofi", f"@{far.name}@{FAR}"):
        answer = await ana.post(f"{DESK}/bans", data={"who": who, "days": "", "reason": "Loud"})
        assert answer.headers["location"] == f"{DESK}/bans"
    page = words(await ana.get(f"{DESK}/bans"))
    assert "Bans (2)" in page
    assert "for good" in page
    maria = await row(town, Ban)
    await ana.post(f"{DESK}/bans/{maria.actor_id}/lift")
    assert "Bans (1)" in words(await ana.get(f"{DESK}/bans"))
    assert (await ana.post(f"{DESK}/bans/5/lift")).status_code == 404


async def test_requests_are_answered(town: Town, ana: httpx.AsyncClient) -> None:
    def decide(uow) -> None:
        uow.session.execute(update(Community).values(approval=True))

    await town.server.act(decide)
    lena = await town.server.person("lena")
    for person in (town.kofi, lena):
        await person.join(town.place)
    assert "2 people ask to write here" in words(await ana.get(DESK))
    await ana.post(f"{DESK}/requests/{town.kofi.id}", data={"answer": "approve"})
    await ana.post(f"{DESK}/requests/{lena.id}", data={"answer": "refuse", "reason": "Unknown"})
    assert "Nobody waits" in words(await ana.get(f"{DESK}/requests"))
    assert (await ana.post(f"{DESK}/requests/9", data={"answer": "approve"})).status_code == 404
    too_long = {"answer": "refuse", "reason": "x" * 1_001}
    assert (await ana.post(f"{DESK}/requests/{lena.id}", data=too_long)).status_code == 422

    def standing(session):
        found = session.get(Membership, (town.place.id, town.kofi.id))
        return found.approved, session.get(Membership, (town.place.id, lena.id))

    assert await town.server.read(standing) == (True, None)


async def test_people_are_reported_to_the_admins(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    form = words(await kofi.get("/report?person=ana"))
    assert f"Those who run {HOST} read this" in form
    assert "Thank you" in words(await kofi.post("/report?person=ana", data={"words": "Rude"}))
    assert (await kofi.post("/report?person=kofi", data={"words": "Me"})).status_code == 403
    report = await row(town, Report)
    case = f"/admin/reports/{report.id}"
    for path in ("/admin/reports", case):
        assert (await kofi.get(path)).status_code == 404
    await admin(town, town.ana)
    assert "Rude" not in words(await ana.get("/admin/reports")), "it is about her"
    lena = await town.server.person("lena")
    await admin(town, lena)
    async with await town.as_(lena) as client:
        assert "Rude" in words(await client.get("/admin/reports"))
        assert "Kofi" in words(await client.get(case))
        assert (await client.post(case, data={"act": "ban"})).status_code == 404
        await client.post(case, data={"act": "keep", "words": "We talked."})
    answered = await row(town, Report)
    assert (answered.state, answered.resolution) == (
        ReportState.RESOLVED,
        "It stays as it is. We talked.",
    )


async def test_a_steward_never_reads_who_reported_them(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    starter, _ = await spoken(town)
    form = words(await kofi.get(f"/report?post={starter.id}"))
    assert f"Those who run {HOST} read this" in form
    assert "Ana does not hear who reported" in form
    await kofi.post(f"/report?post={starter.id}", data={"words": "Unfair"})
    report = await row(town, Report)
    assert "Unfair" not in words(await ana.get(f"{DESK}/reports"))
    assert (await ana.get(f"{DESK}/reports/{report.id}")).status_code == 404
    await admin(town, town.kofi)
    assert "Nothing is reported" in words(await ana.get(f"{DESK}/reports"))
    lena = await town.server.person("lena")
    await admin(town, lena)
    async with await town.as_(lena) as client:
        assert "Unfair" in words(await client.get("/admin/reports"))
        case = f"/admin/reports/{report.id}"
        await client.post(case, data={"act": "resolve", "words": "We spoke."})
        assert "It is settled. We spoke." in words(await client.get(case))


async def test_an_admin_stops_who_is_reported_from_the_case(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    await admin(town, town.ana)
    lena = await town.server.person("lena")
    await kofi.post("/report?person=lena", data={"words": "Threats"})
    assert "1 report waits for an answer" in words(await ana.get("/admin"))
    report = await row(town, Report)
    case = f"/admin/reports/{report.id}"
    assert "they are signed out" in words(await ana.get(case))
    async with await town.as_(lena) as client:
        await ana.post(case, data={"act": "suspend", "words": "No threats."})
        assert (await client.get("/settings")).status_code == 303
    page = words(await ana.get(case))
    assert "may not take part on this server any more. No threats." in page
    assert "Lena is suspended" in page
    assert "@ana@rivers.example suspended @lena@rivers.example on this server." in page
    assert "waits for an answer" not in words(await ana.get("/admin"))
    assert "They can take part on this server again" in words(
        await ana.post(case, data={"act": "reinstate"}, follow_redirects=True)
    )
    assert "is suspended" not in words(await ana.get(case))

    # no steward stops anybody on the whole server
    _, reply = await spoken(town)
    async with await town.as_(lena) as client:
        await client.post(f"/report?post={reply.id}", data={"words": "Advertising"})
    case = f"{DESK}/reports/{(await row(town, Report)).id}"
    for act in ("suspend", "reinstate"):
        assert (await ana.post(case, data={"act": act})).status_code == 404


async def test_a_member_takes_a_report_back(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient
) -> None:
    starter, _ = await spoken(town)
    assert "You have reported nothing" in words(await kofi.get("/report/mine"))
    thanks = await kofi.post(f"/report?post={starter.id}", data={"words": "Wrong place"})
    assert 'href="/report/mine"' in thanks.text
    await kofi.post("/report?person=ana", data={"words": "Rude"})
    about_ana = await row(town, Report)
    about_post = await row(town, Report, Report.post_id == starter.id)
    page = await kofi.get("/report/mine")
    for said in ("Which gauge?", "Wrong place", "Rude", "waits for an answer"):
        assert said in words(page), said
    back = f"/report/mine/{about_post.id}/withdraw"
    assert back in page.text
    assert (await ana.post(back)).status_code == 404, "who reported stays unknown"
    done = await kofi.post(back, follow_redirects=True)
    assert "You have taken it back" in words(done)
    assert back not in done.text
    assert (await row(town, Report, Report.id == about_post.id)).state == ReportState.WITHDRAWN
    assert "Wrong place" not in words(await ana.get(f"{DESK}/reports"))
    assert (await kofi.post("/report/mine/7/withdraw")).status_code == 404

    lena = await town.server.person("lena")
    await admin(town, lena)
    async with await town.as_(lena) as client:
        case = f"/admin/reports/{about_ana.id}"
        await client.post(case, data={"act": "keep", "words": "We talked."})
    answered = words(await kofi.get("/report/mine"))
    assert "It stays as it is. We talked." in answered
    await kofi.post(f"/report/mine/{about_ana.id}/withdraw")
    assert (await row(town, Report, Report.id == about_ana.id)).state == ReportState.RESOLVED
