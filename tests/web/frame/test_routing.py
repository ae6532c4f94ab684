"""The table of routes: origin, rate, who is asking."""

import httpx
import pytest
from sample_pages import who
from sample_site import MEMBER, Site, visit
from starlette.requests import Request

from fedcop.web.rates import client_of
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint, build

pytestmark = pytest.mark.anyio
ANA = {"X-Test-Viewer": "ana"}
KOFI = {"X-Test-Viewer": "kofi"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://rivers.example"},
    ],
)
async def test_a_form_of_another_site_is_refused(
    ask: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await ask.post("/sample/form", headers=headers, data={"title": "x"})
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert (await ask.get("/", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://rivers.example"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
async def test_our_own_form_is_taken(ask: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await ask.post("/body", headers=headers, content=b"x")).text == "1"


async def test_other_servers_are_not_asked_for_an_origin(ask: httpx.AsyncClient) -> None:
    sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await ask.post("/inbox", headers=sent, content=b"{}")).status_code == 200


async def test_one_too_many_has_to_wait(site: Site, ask: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await ask.post("/often")).status_code == 200
    answer = await ask.post("/often")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300
    assert (await ask.post("/often", headers=ANA)).status_code == 200, "members count alone"
    async with visit(site, client=("203.0.113.10", 1)) as other:
        assert (await other.post("/often")).status_code == 200


async def test_an_ipv6_network_is_one_client(site: Site) -> None:
    answers: list[int] = []
    for number in range(4):
        async with visit(site, client=(f"2001:db8:1:2::{number + 1}", 1)) as client:
            answers.append((await client.post("/often")).status_code)
    assert answers == [200, 200, 200, 429]
    async with visit(site, client=("2001:db8:1:3::1", 1)) as client:
        assert (await client.post("/often")).status_code == 200


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
    ],
)
def test_who_is_counted(address: str, client: str) -> None:
    request = Request({"type": "http", "headers": [], "client": (address, 1), "state": {}})
    assert client_of(request) == client


def test_a_member_is_counted_anywhere() -> None:
    scope = {"type": "http", "headers": [], "client": ("::1", 1), "state": {"viewer": MEMBER}}
    assert client_of(Request(scope)) == "member:7"


async def test_pages_for_members_lead_to_the_sign_in(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/members?sort=new&page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/members%3Fsort%3Dnew%26page%3D2"
    assert (await ask.get("/members", headers=ANA)).text == "in"


@pytest.mark.parametrize(
    ("referer", "wanted"),
    [
        ("https://rivers.example/c/watershed?x=1", "/c/watershed%3Fx%3D1"),
        ("https://evil.example/c/watershed", "/"),
        ("https://rivers.example//evil.example", "/"),
        ("", "/"),
    ],
)
async def test_a_form_leads_back_to_its_page(
    ask: httpx.AsyncClient, referer: str, wanted: str
) -> None:
    answer = await ask.post("/members", headers={"Referer": referer})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={wanted}"


async def test_programs_are_told_401(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/members", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_admin_pages_do_not_exist_for_members(ask: httpx.AsyncClient) -> None:
    assert (await ask.get("/admin", headers=ANA)).status_code == 404
    assert (await ask.get("/admin", headers=KOFI)).text == "in"
    assert (await ask.get("/admin")).status_code == 303


@pytest.mark.parametrize(
    "hostile",
    ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\t/evil", "/a\nb", "a"],
)
def test_next_stays_on_this_host(hostile: str) -> None:
    assert safe_path(hostile) == "/"


def test_next_keeps_a_path() -> None:
    assert safe_path("/c/watershed?x=1#r2") == "/c/watershed?x=1#r2"


def test_a_rate_that_is_none_fails_at_once() -> None:
    with pytest.raises(ValueError, match="rate"):
        build([Endpoint("/x", ("GET",), who, limit="often")])
