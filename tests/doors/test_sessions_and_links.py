"""Sessions and one-time links: who holds one, how it ends, and where a sign-in leads."""

import pytest
from argon2 import extract_parameters
from sqlalchemy import text

from fedcop.domain.access.links import issue_enter, issue_invite
from fedcop.domain.access.passwords import _NOBODY, hash_password, matches
from fedcop.domain.access.sessions import set_password
from fedcop.domain.people.models import Actor
from tests.doors.browsers import COOKIE, browser, token_of
from tests.doors.conftest import Door

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"


async def give_password(door: Door) -> None:
    hashed = hash_password(PASSWORD)
    await door.server.act(lambda uow: set_password(uow, door.kofi.id, hashed))


async def test_where_a_sign_in_leads(door: Door) -> None:
    """Only to a path of this host, however it is written."""
    await give_password(door)
    for number, wanted in enumerate(
        (
            "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
            "javascript:alert(1)", "http:evil.test", "/\n/evil.test", "///evil.test", "%2f%2fevil",
            " //evil.test", "https:cop.test@evil.test", "/\x00/evil.test", "evil.test",
            "@evil.test",
        )
    ):  # fmt: skip
        async with browser(door, address=f"203.0.113.{number}") as client:
            data = {"name": "kofi", "password": PASSWORD, "next": wanted}
            said = await client.post("/sign-in", data=data)
            assert said.status_code == 303, wanted
            assert said.headers["location"] == "/", wanted
            said = await client.get("/sign-in", params={"next": wanted})
            assert said.headers["location"] == "/", wanted
            said = await client.post("/c/garden/join", data={"next": wanted})
            assert said.headers["location"].startswith("/c/garden"), wanted


async def test_a_session_begins_and_ends(door: Door) -> None:
    """A token that was planted is not taken over; what is signed out stays out."""
    await give_password(door)
    planted = "x" * 43
    async with browser(door, planted) as client:
        data = {"name": "kofi", "password": PASSWORD}
        said = await client.post("/sign-in", data=data)
        cookie = said.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
            assert word.lower() in cookie.lower(), cookie
        assert "domain" not in cookie.lower()
        token = cookie.partition("=")[2].partition(";")[0]
        assert token != planted
        assert len(token) >= 40
    async with browser(door, token) as client:
        assert (await client.get("/notifications")).status_code == 200
    async with browser(door, planted) as client:
        assert (await client.get("/notifications")).status_code == 303
    async with browser(door, token) as client:
        said = await client.post("/sign-in", data=data)
        second = said.headers["set-cookie"].partition("=")[2].partition(";")[0]
        assert second not in {token, planted}
    for dead in (token, planted, "", "%00", "x" * 9_000, "ü", f'"{second}'):
        async with browser(door) as client:
            cookie = f"{COOKIE}={dead}".encode()
            said = await client.get("/notifications", headers={b"cookie": cookie})
            assert said.status_code == 303, dead
    async with browser(door, second) as client:
        said = await client.post("/sign-out")
        assert said.status_code == 303
        assert f'{COOKIE}=""' in said.headers["set-cookie"] or "Max-Age=0" in str(said.headers)
    async with browser(door, second) as client:
        assert (await client.get("/notifications")).status_code == 303
    stored = await door.server.read(
        lambda s: [str(tuple(row)) for row in s.execute(text("SELECT * FROM sessions"))]
    )
    assert not [row for row in stored if token in row or second in row]


async def test_a_new_password_ends_every_session(door: Door) -> None:
    await give_password(door)
    here, there = await token_of(door, door.kofi), await token_of(door, door.kofi)
    async with browser(door, here) as client:
        data = {"old": "wrong", "password": "another long one"}
        assert (await client.post("/settings/password", data=data)).status_code == 422
        data = {"old": PASSWORD, "password": "another long one"}
        assert (await client.post("/settings/password", data=data)).status_code == 303
    for token in (here, there):
        async with browser(door, token) as client:
            assert (await client.get("/notifications")).status_code == 303


async def test_guessing_is_slowed_and_tells_nothing(door: Door) -> None:
    """Who is not here and who has another password get the same answer; then 429."""
    await give_password(door)
    answers: set[tuple[int, bool]] = set()
    async with browser(door) as client:
        for name in ("kofi", "nobody", "garden", "ana", "' OR 1=1 --", "kofi\0"):
            data = {"name": name, "password": "wrong wrong wrong"}
            said = await client.post("/sign-in", data=data)
            assert said.status_code == 422
            answers.add((said.status_code, "Name or password is wrong" in said.text))
        assert answers == {(422, True)}
        statuses = [(await client.post("/sign-in", data=data)).status_code for _ in range(30)]
        assert statuses[-1] == 429
        said = await client.post("/sign-in", data=data, headers={"X-Forwarded-For": "192.0.2.1"})
        assert said.status_code == 429
        assert int(said.headers["retry-after"]) > 0


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password() -> None:
    assert extract_parameters(_NOBODY) == extract_parameters(hash_password(PASSWORD))
    assert not matches(None, PASSWORD)


async def test_links_work_once(door: Door) -> None:
    """The one that signs in, and the one that invites; looking at them uses nothing up."""
    enter = await door.server.act(lambda uow: issue_enter(uow, door.kofi.id))
    invite = await door.server.act(
        lambda uow: issue_invite(uow, uow.get(Actor, door.ana.id), door.garden.id, days=1)
    )
    async with browser(door) as client:
        for _ in range(2):
            assert (await client.get(f"/enter/{enter}")).status_code == 200
            assert (await client.head(f"/enter/{enter}")).status_code == 200
            assert (await client.get(f"/join/{invite}")).status_code == 200
        said = await client.post(f"/enter/{enter}")
        assert said.status_code == 303
        assert COOKIE in said.headers["set-cookie"]
    async with browser(door) as client:
        assert (await client.post(f"/enter/{enter}")).status_code == 404
        assert (await client.get(f"/enter/{enter}")).status_code == 404
        data = {"name": "nina", "display_name": "Nina", "password": PASSWORD}
        assert (await client.post(f"/join/{invite}", data=data)).status_code == 303
    async with browser(door) as client:
        data["name"] = "otto"
        assert (await client.post(f"/join/{invite}", data=data)).status_code in {404, 410}
    for token in (enter[:-1], enter + "x", enter.swapcase(), "%00", "x" * 5_000, "..", "%ff"):
        async with browser(door) as client:
            before = await door.rows()
            assert (await client.post(f"/enter/{token}")).status_code in {404, 405, 414}, token
            assert (await client.post(f"/join/{token}", data=data)).status_code in {404, 405}, token
            assert await door.rows() == before
