"""Forms of communities: join, leave, found, rewrite the charter, invite."""

import re

import httpx
import pytest
from town_of_pages import FAR, Town, words

pytestmark = pytest.mark.anyio


async def test_join_and_leave(town: Town, kofi: httpx.AsyncClient) -> None:
    answer = await kofi.post("/c/watershed/join")
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/watershed")
    page = await kofi.get("/c/watershed")
    assert "You belong to this community now." in words(page)
    assert "New discussion" in words(page)
    assert "You belong to this community now." not in words(await kofi.get("/c/watershed"))
    members = await town.server.members(town.place.uri)
    assert members[town.kofi.uri] == "active"
    assert (await kofi.post("/c/watershed/leave")).status_code == 303
    assert town.kofi.uri not in await town.server.members(town.place.uri)


async def test_join_from_a_discussion_and_go_on_there(kofi: httpx.AsyncClient) -> None:
    answer = await kofi.post("/c/watershed/join", data={"next": "/c/watershed/about"})
    assert answer.headers["location"] == "/c/watershed/about"
    for bad in ("//evil.example", "https://evil.example/", "/\\evil.example"):
        answer = await kofi.post("/c/watershed/join", data={"next": bad})
        assert answer.headers["location"] == "/c/watershed"


async def test_who_may_not(ask: httpx.AsyncClient, ana: httpx.AsyncClient) -> None:
    answer = await ask.post("/c/watershed/join")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    last = await ana.post("/c/watershed/leave")
    assert last.status_code == 403
    assert "last steward" in words(last)
    assert (await ana.post("/c/nobody/join")).status_code == 404


async def test_a_form_of_another_site_is_refused(town: Town, kofi: httpx.AsyncClient) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await kofi.post("/c/watershed/join", headers=foreign)).status_code == 403
    assert town.kofi.uri not in await town.server.members(town.place.uri)


async def test_ask_to_join_on_a_partner_server(town: Town, kofi: httpx.AsyncClient) -> None:
    far = await town.far.community("teaching", await town.far.person("maria"))
    await town.server.meet(far.uri)
    path = f"/c/teaching@{FAR}"
    assert (await kofi.post(f"{path}/join")).headers["location"] == path
    page = words(await kofi.get(path))
    assert "Asked. You belong as soon as their server answers." in page
    assert "Take back" in page
    assert "New discussion" not in re.sub(r"^.*Joined", "", page)
    assert (await kofi.get(f"{path}/new")).status_code == 403
    await town.world.settle()
    page = words(await kofi.get(path))
    assert "You belong here" in page
    assert (await kofi.get(f"{path}/new")).status_code == 200


async def test_found_a_community(town: Town, kofi: httpx.AsyncClient) -> None:
    sent = {"name": "Lakes", "title": "Lake Care", "purpose": "Clean lakes.", "charter": "*Be*"}
    answer = await kofi.post("/communities/new", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/lakes")
    page = await kofi.get("/c/lakes")
    assert "Lake Care" in words(page)
    assert "/c/lakes/edit" in page.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "watershed", "taken here already"),
        ("name", "admin", "kept for the server"),
        ("name", "no blanks", "small letters"),
        ("title", "", "Give the community a title"),
        ("purpose", "x" * 301, "At most 300 characters"),
    ],
)
async def test_a_community_that_cannot_be(
    kofi: httpx.AsyncClient, field: str, value: str, said: str
) -> None:
    sent = {"name": "lakes", "title": "Lake Care", "purpose": "Clean lakes.", "charter": "Text."}
    answer = await kofi.post("/communities/new", data={**sent, field: value})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'id="{field}-wrong"' in answer.text
    assert "Text." in answer.text, "what was written is kept"
    assert (await kofi.get("/c/lakes")).status_code == 404


async def test_rewrite_the_charter(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    assert "We learn by doing." in (await ana.get("/c/watershed/edit")).text
    sent = {"title": "Watersheds", "purpose": "Rivers.", "charter": "Share **failures**."}
    answer = await ana.post("/c/watershed/edit", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/watershed/about")
    about = await ask.get("/c/watershed/about")
    assert "<strong>failures</strong>" in about.text
    assert "Watersheds" in words(about)
    wrong = await ana.post("/c/watershed/edit", data={**sent, "title": ""})
    assert wrong.status_code == 422
    for answer in (
        await kofi.get("/c/watershed/edit"),
        await kofi.post("/c/watershed/edit", data=sent),
    ):
        assert answer.status_code == 403


async def test_a_remote_community_is_changed_elsewhere(town: Town, ana: httpx.AsyncClient) -> None:
    far = await town.far.community("teaching", await town.far.person("maria"))
    await town.server.meet(far.uri)
    answer = await ana.get(f"/c/teaching@{FAR}/edit")
    assert answer.status_code == 403
    sent = {"title": "Mine"}
    assert (await ana.post(f"/c/teaching@{FAR}/edit", data=sent)).status_code == 403


async def test_invite(
    town: Town, ana: httpx.AsyncClient, kofi: httpx.AsyncClient, ask: httpx.AsyncClient
) -> None:
    assert "Stewards invite" in words(await kofi.get("/invite"))
    page = await ana.get("/invite?community=watershed")
    found = re.search(r'<option selected value="(\d+)">Watershed', page.text)
    assert found is not None
    answer = await ana.post("/invite", data={"community": found[1]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/invite")
    link = re.search(r"https://rivers\.example(/join/[\w-]+)", (await ana.get("/invite")).text)
    assert link is not None
    assert "Ana invites you to" in words(await ask.get(link[1]))
    wrong = await ana.post("/invite", data={"community": "1"})
    assert wrong.status_code == 422
    assert "Choose one of your communities." in words(wrong)
    refused = await kofi.post("/invite", data={"community": found[1]})
    assert refused.status_code == 422
    assert "Stewards invite" in words(refused)
