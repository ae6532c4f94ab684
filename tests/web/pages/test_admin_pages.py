"""The administration: its pages, its forms, and that nobody else finds it."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select
from town_of_pages import FAR, Town, words

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.access.models import Link
from fedcop.domain.moderation import log
from fedcop.domain.network.models import Host
from fedcop.domain.people.admins import give_role
from fedcop.domain.people.models import Account
from fedcop.outbox.partners import Condition, partner
from fedcop.web.admin.routes import ENDPOINTS
from fedcop.work.unit_of_work import UnitOfWork

pytestmark = pytest.mark.anyio


@pytest.fixture
async def boss(town: Town, ana: httpx.AsyncClient) -> httpx.AsyncClient:
    """The browser of Ana, who administers this server, too."""
    await town.server.act(lambda uow: give_role(uow, town.ana.id, "admin"))
    return ana


async def deeds(town: Town) -> list[tuple[str, str]]:
    """What the log of the server says was done, newest first: deed and subject."""
    found = await town.server.read(lambda session: log.of_server(session, Cursor()))
    return [(line.deed.deed, line.deed.subject) for line in found.items]


async def share(town: Town) -> None:
    """Somebody of the far server belongs to our community."""
    maria = await town.far.person("maria")
    await maria.join(town.place)
    await town.world.settle()


async def test_every_route_is_for_admins_alone(
    town: Town, ask: httpx.AsyncClient, kofi: httpx.AsyncClient, boss: httpx.AsyncClient
) -> None:
    await share(town)
    for endpoint in ENDPOINTS:
        assert endpoint.auth == "admin"
        path = endpoint.path.replace("{row_id}", str(town.kofi.id)).replace("{host}", FAR)
        method = endpoint.methods[0]
        stranger = await ask.request(method, path)
        assert stranger.status_code == 303, path
        assert stranger.headers["location"].startswith("/sign-in"), path
        assert (await kofi.request(method, path)).status_code == 404, path
        if method == "GET":
            answer = await boss.get(path)
            there = "reports/" not in path  # no report has this number
            assert answer.status_code == (200 if there else 404), path
            assert not there or answer.headers["cache-control"] == "private, no-store", path
        else:
            assert endpoint.limit, path
    assert await deeds(town) == [], "nobody but an admin has done anything"
    assert 'href="/admin"' in (await boss.get("/")).text
    assert 'href="/admin"' not in (await kofi.get("/")).text


async def test_the_organization_and_its_texts(
    town: Town, boss: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    assert "does not say yet who answers for it" in words(await boss.get("/admin"))
    sent = {
        "name": "River Watch",
        "description": "Rivers.",
        "contact": "hello@rivers.example",
        "legal_name": "Rivers e.V.",
        "postal_address": "1 Bank Street\nDelta",
    }
    answer = await boss.post("/admin/organization", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/organization")
    about = await ask.get("/about")
    for said in ("River Watch", "Rivers e.V.", "1 Bank Street", "mailto:hello@rivers.example"):
        assert said in about.text, said
    assert "does not say yet" not in words(await boss.get("/admin"))
    wrong = await boss.post("/admin/organization", data={**sent, "name": "", "contact": "nobody"})
    assert wrong.status_code == 422
    assert "Write an e-mail address" in words(wrong)
    texts = {"guidelines": "Be **kind**.", "privacy": "We keep *little*."}
    assert (await boss.post("/admin/organization/texts", data=texts)).status_code == 303
    assert (await boss.post("/admin/organization/texts", data=texts)).status_code == 303
    assert "<strong>kind</strong>" in (await ask.get("/rules")).text
    assert "<em>little</em>" in (await ask.get("/privacy")).text
    texts["guidelines"] = "Be very kind."
    await boss.post("/admin/organization/texts", data=texts)
    rules = await ask.get("/rules")
    assert "Be very kind." in words(rules)
    versions = re.findall(r"/rules\?version=\d+", rules.text)
    assert len(set(versions)) == 2
    old = await ask.get(versions[-1])
    assert "<strong>kind</strong>" in old.text
    assert "It no longer holds." in words(old)
    assert (await ask.get("/rules?version=1")).status_code == 404
    long = await boss.post("/admin/organization/texts", data={"guidelines": "x" * 20_001})
    assert long.status_code == 422
    done = [deed for deed, _ in await deeds(town)]
    assert done == ["changed rules", "changed privacy", "changed rules", "changed profile"]


async def test_people_and_the_last_admin(town: Town, boss: httpx.AsyncClient) -> None:
    kofi, ana = (f"/admin/people/{who.id}" for who in (town.kofi, town.ana))
    assert "Kofi" in words(await boss.get("/admin/people?q=KOF"))
    assert "Nobody is called so" in words(await boss.get("/admin/people?q=%25"))
    for path, data in ((f"{ana}/role", {"role": "member"}), (f"{ana}/suspend", {})):
        last = await boss.post(path, data=data)
        assert last.status_code == 403, path
        assert "only administrator" in words(last), path
    assert (await boss.post(f"{kofi}/role", data={"role": "admin"})).status_code == 303
    assert (await boss.post(f"{kofi}/role", data={"role": "admin"})).status_code == 303
    async with await town.as_(town.kofi) as second:
        assert (await second.get("/admin")).status_code == 200
        assert (await boss.post(f"{kofi}/suspend", data={"reason": "Away"})).status_code == 303
        assert (await second.get("/admin")).status_code == 303, "signed out"
    last = await boss.post(f"{ana}/role", data={"role": "member"})
    assert last.status_code == 403, "who is suspended administers nothing"
    assert "suspended" in words(await boss.get("/admin/people"))
    assert (await boss.post(f"{kofi}/reinstate")).status_code == 303
    assert (await boss.post(f"{ana}/role", data={"role": "member"})).status_code == 303
    assert (await boss.get("/admin")).status_code == 404
    row = await town.server.read(lambda session: session.get_one(Account, town.ana.id))
    assert row.role == "member"


async def test_a_sign_in_link_is_shown_once(
    town: Town, boss: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    answer = await boss.post(f"/admin/people/{town.kofi.id}/link")
    link = re.search(r"https://rivers\.example(/enter/[\w-]+)", answer.text)
    assert link is not None
    assert "/enter/" not in (await boss.get("/admin/people")).text
    assert (await ask.post(link[1])).status_code == 303
    assert (await boss.post(f"/admin/people/{town.place.id}/link")).status_code == 404
    assert (await boss.post("/admin/people/none/link")).status_code == 404
    assert [deed for deed, _ in await deeds(town)] == ["made sign-in link"]


async def test_invitations(town: Town, boss: httpx.AsyncClient, ask: httpx.AsyncClient) -> None:
    answer = await boss.post(
        "/admin/invitations", data={"community": str(town.place.id), "role": "admin"}
    )
    link = re.search(r"https://rivers\.example(/join/[\w-]+)", answer.text)
    assert link is not None
    assert (await ask.get(link[1])).status_code == 200
    page = await boss.get("/admin/invitations")
    assert "Watershed" in words(page)
    assert "/join/" not in page.text, "its token is kept by nobody"
    row_id = await town.server.read(lambda session: session.scalar(select(Link.id)))
    path = f"/admin/invitations/{row_id}/revoke"
    assert (await boss.post(path)).status_code == 303
    assert (await ask.get(link[1])).status_code == 404
    assert (await boss.post(path)).status_code == 404
    for wrong in ("1", "x"):
        said = await boss.post("/admin/invitations", data={"community": wrong, "role": "member"})
        assert said.status_code == 422
        assert "Choose one of the communities" in words(said)
    plain = await boss.post("/admin/invitations", data={"community": "", "role": "member"})
    assert "/join/" in plain.text
    assert (await deeds(town))[::-1] == [
        ("invited", "admin"),
        ("revoked invitation", ""),
        ("invited", "member"),
    ]


async def test_block_after_a_look_and_welcome_again(town: Town, boss: httpx.AsyncClient) -> None:
    await share(town)
    listed = words(await boss.get("/admin/partners"))
    assert FAR in listed
    assert "All delivered" in listed
    assert "1 partner server · all delivered" in listed
    seen = await boss.post(
        "/admin/policies", data={"name": f"https://{FAR}/", "attitude": "block", "reason": "Spam"}
    )
    assert seen.status_code == 200
    assert f"Block {FAR}?" in words(seen)
    assert "1 person there belongs to communities here" in words(seen)
    sent = {"name": FAR, "attitude": "block", "reason": "Spam", "confirm": "yes"}
    answer = await boss.post("/admin/policies", data=sent)
    assert answer.headers["location"] == "/admin/policies"
    assert "You blocked it: Spam" in words(await boss.get(f"/admin/partners/{FAR}"))
    tried = words(await boss.post(f"/admin/partners/{FAR}/test"))
    assert f"This server does not speak with {FAR}." in tried
    csv = await boss.get("/admin/policies.csv")
    assert csv.text.splitlines() == ["#domain,#severity,#public_comment", f"{FAR},suspend,Spam"]
    assert (await boss.post("/admin/policies/forget", data={"name": FAR})).status_code == 303
    assert (await boss.post("/admin/policies/forget", data={"name": FAR})).status_code == 404
    assert (await boss.post("/admin/policies/forget", data={})).status_code == 422
    assert "All delivered" in words(await boss.get(f"/admin/partners/{FAR}"))
    for name, said in (("rivers.example", "your own server"), ("nonsense", "full name")):
        wrong = await boss.post("/admin/policies", data={"name": name, "attitude": "block"})
        assert wrong.status_code == 422
        assert said in words(wrong)
    assert (await deeds(town))[::-1] == [
        ("blocked host", FAR),
        ("took back the decision on a host", FAR),
    ]


async def test_partners_only_and_a_list(town: Town, boss: httpx.AsyncClient) -> None:
    await share(town)
    seen = words(await boss.post("/admin/policies/partners-only", data={"on": "yes"}))
    assert f"1 server that we know is cut off: {FAR}" in seen
    await boss.post("/admin/policies", data={"name": FAR, "attitude": "allow"})
    seen = words(await boss.post("/admin/policies/partners-only", data={"on": "yes"}))
    assert "No server that we know is cut off." in seen
    on = await boss.post("/admin/policies/partners-only", data={"on": "yes", "confirm": "yes"})
    assert on.status_code == 303
    assert "Partners only" in words(await boss.get("/admin"))
    await boss.post("/admin/policies/partners-only", data={"on": "no"})
    assert "Open: with every server" in words(await boss.get("/admin/policies"))
    text = "#domain,#severity\nspam.example,suspend\nrivers.example,suspend\nloud.example,silence"
    seen = words(await boss.post("/admin/policies/import", data={"text": text}))
    assert "spam.example : block" in seen
    assert "1 line says nothing" in seen
    assert "spam.example" not in words(await boss.get("/admin/policies"))
    await boss.post("/admin/policies/import", data={"text": text, "confirm": "yes"})
    page = words(await boss.get("/admin/policies"))
    assert "spam.example blocked" in page
    assert "rivers.example blocked" not in page
    empty = await boss.post("/admin/policies/import", data={"text": " \n"})
    assert empty.status_code == 422


async def test_a_partner_in_trouble(town: Town, boss: httpx.AsyncClient) -> None:
    await share(town)
    town.world.wires.cut.add(FAR)
    await town.ana.write(town.place, "Is anybody there?")
    await town.server.work()
    page = words(await boss.get(f"/admin/partners/{FAR}"))
    assert "It stopped answering" in page
    assert "thing waits to be brought" in page or "things wait to be brought" in page
    assert "1 not reached" in words(await boss.get("/admin"))
    assert (await boss.post(f"/admin/partners/{FAR}/retry")).status_code == 303

    def away(uow: UnitOfWork) -> None:
        host = uow.session.scalars(select(Host).where(Host.name == FAR)).one()
        host.parked, host.failing_since = True, uow.now - timedelta(days=8)

    await town.server.act(away)
    assert "it gets everything when it is back" in words(await boss.get("/admin/partners"))
    await boss.post(f"/admin/partners/{FAR}/retry")
    town.world.wires.cut.clear()
    await town.world.settle()

    def condition(session: Session) -> Condition | None:
        found = partner(session, FAR, datetime.now(UTC), "rivers.example")
        return found.condition if found else None

    assert await town.server.read(condition) is Condition.DELIVERED
    data = {"manner": "microblog"}
    assert (await boss.post(f"/admin/partners/{FAR}/treat", data=data)).status_code == 303
    assert "(decided by hand)" in words(await boss.get(f"/admin/partners/{FAR}"))
    await boss.post(f"/admin/partners/{FAR}/treat", data={"manner": "auto"})
    page = words(await boss.get(f"/admin/partners/{FAR}"))
    assert "everything, as forum software" in page
    assert "(decided by hand)" not in page
    for path in ("/admin/partners/nobody.example", "/admin/partners/x%00y"):
        assert (await boss.get(path)).status_code == 404
    said = words(await boss.get("/admin/log"))
    assert "Changed what the server is told" in said
    assert "Had the server tried again" in said
