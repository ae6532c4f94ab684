"""Every form of every page, sent by whoever should not, and filled with whatever it should not."""

from urllib.parse import urlencode

import httpx
import pytest

from fedcop.web.routing import Endpoint
from tests.doors.browsers import FOREIGN, browser, filled, routes, token_of
from tests.doors.conftest import Door
from tests.doors.snapshot import changed

pytestmark = pytest.mark.anyio
INBOXES = {"/inbox", "/u/{name}/inbox", "/c/{name}/inbox"}
HARMLESS = {"/sign-in", "/sign-out", "/notifications/read"}
FORM = "application/x-www-form-urlencoded"
_BODIES: tuple[tuple[str, bytes], ...] = (
    (FORM, b""),
    (FORM, b"=&&&=&%zz=%&a"),
    (FORM, b"\xff\xfe\x00\x01"),
    (FORM, b"source=%00%ff%fe&title=%00&name=%00&charter=%00&purpose=%00&password=%00&bio=%00"),
    (FORM, b"&".join(b"f%d=1" % number for number in range(1_500))),
    (FORM, urlencode({"title": "\ud800".encode("utf-8", "surrogatepass")}).encode()),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\nx"),
    ("multipart/form-data", b"--x--"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="title"; filename="x"\r\n\r\nf\r\n--x--\r\n',
    ),
    ("application/json", b'{"title": 1}'),
    ("text/plain", b"title=x"),
    ("", b"title=x"),
)


def forms(door: Door) -> list[str]:
    found = [path for path in routes(door, "POST") if path not in INBOXES]
    assert len(found) > 12
    return found


def refuses(said: httpx.Response, path: str) -> None:
    assert said.status_code == 303 or 400 <= said.status_code < 500, (path, said.status_code)


async def row_of(door: Door) -> int:
    post = await door.find(door.starter)
    assert post is not None
    return post.id


async def test_without_a_session(open_door: Door) -> None:
    """The way to sign in, or a refusal; nothing is done."""
    door, number = open_door, 0
    row_id, before = await row_of(door), await door.rows()
    for path in forms(door):
        for kind, body in _BODIES:
            number += 1
            async with browser(door, address=f"203.0.{number % 250}.{number // 250}") as client:
                url = filled(path, door, row_id)
                said = await client.post(url, content=body, headers={"content-type": kind})
                assert said.status_code in {303, 400, 401, 404, 422}, (path, kind)
    assert await door.rows() == before


async def test_from_a_page_of_another_site(open_door: Door) -> None:
    """Even with a session the browser's word on where it comes from is heard first."""
    door = open_door
    token = await token_of(door, door.kofi)
    row_id, before = await row_of(door), await door.rows()
    async with browser(door, token) as client:
        for path in forms(door):
            for headers in (
                FOREIGN,
                {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
                {"Origin": "https://evil.cop.test", "Sec-Fetch-Site": "same-site"},
                {"Origin": "http://cop.test", "Sec-Fetch-Site": "cross-site"},
            ):
                data = {"source": "CSRF", "title": "CSRF", "helpful": "1", "name": "csrf"}
                said = await client.post(filled(path, door, row_id), data=data, headers=headers)
                assert said.status_code == 403, (path, headers)
            client.headers.pop("sec-fetch-site", None)
            said = await client.post(
                filled(path, door, row_id), headers={"Origin": "https://evil.test"}
            )
            client.headers["Sec-Fetch-Site"] = "same-origin"
            assert said.status_code == 403, path
    assert await door.rows() == before


async def test_with_the_session_of_another(open_door: Door) -> None:
    """Nobody changes what is another's by naming its row, its community or its page."""
    door = open_door
    eve = await door.server.person("evelyn")
    token, row_id = await token_of(door, eve), await row_of(door)
    before = await door.rows()
    async with browser(door, token) as client:
        for path in (
            f"/p/{row_id}/edit", f"/p/{row_id}/delete", f"/p/{row_id}/remove", "/c/garden/edit",
        ):  # fmt: skip
            data = {"title": "STOLEN", "source": "STOLEN", "charter": "STOLEN"}
            said = await client.post(path, data=data)
            assert said.status_code in {403, 404}, (path, said.status_code)
            assert (await client.get(path)).status_code in {403, 404}, path
        said = await client.post("/invite", data={"community": str(door.garden.id)})
        assert said.status_code in {403, 404, 422}
        said = await client.post("/settings/password", data={"old": "", "password": "short"})
        assert said.status_code == 422
        for path in forms(door):
            for other in (
                door.ana.id,
                door.garden.id,
                1,
                0,
                -1,
                1 << 63,
                1 << 70,
                "x",
                "%00",
                "..",
            ):
                if "{row_id}" in path:
                    said = await client.post(filled(path, door, other), data={"source": "x"})
                    assert 400 <= said.status_code < 500, (path, other)
    assert changed(before, await door.rows()) == set()
    post = await door.find(door.starter)
    assert post is not None
    assert "STOLEN" not in post.html + post.title


async def test_members_with_garbage(open_door: Door) -> None:
    """A member's own forms, filled with anything: words beside the field, and no mistake of ours.

    Only what its member may do anyway is changed: to join, to vote, to read, to be called so.
    """
    door = open_door
    person = await door.server.person("garbage")
    token, row_id, number = await token_of(door, person), await row_of(door), 0
    for path in forms(door):
        if path == "/sign-out":
            continue
        number += 1
        async with browser(door, token, f"198.51.100.{number}") as client:
            for kind, body in _BODIES:
                url = filled(path, door, row_id)
                said = await client.post(url, content=body, headers={"content-type": kind})
                assert said.status_code == 429 or said.status_code < 500, (path, kind, said.text)
    post = await door.find(door.starter)
    assert post is not None
    assert post.is_visible


async def test_what_is_too_long(open_door: Door) -> None:
    door = open_door
    person = await door.server.person("verbose")
    token, row_id = await token_of(door, person), await row_of(door)
    async with browser(door, token) as client:
        await client.post("/c/garden/join")
        before = await door.rows()
        for path, data in (
            ("/settings/profile", {"display_name": "x" * 10_000, "bio": "y" * 400_000}),
            ("/settings/password", {"old": "", "password": "x" * 300_000}),
            ("/communities/new", {"name": "x" * 5_000, "title": "y" * 5_000}),
            ("/communities/new", {"name": "../x", "title": "y"}),
            ("/communities/new", {"name": "garden", "title": "taken"}),
            ("/communities/new", {"name": "ana", "title": "taken"}),
            (f"/p/{row_id}/reply", {"source": "z" * 900_000}),
            (f"/p/{row_id}/reply", {"source": " \n\t"}),
            (f"/p/{row_id}/reply", {"source": ""}),
            ("/sign-in", {"name": "n" * 500_000, "password": "p" * 400_000}),
            (f"/p/{row_id}/helpful", {"x": "y" * (1 << 20)}),
        ):
            said = await client.post(path, data=data)
            assert 400 <= said.status_code < 500, (path, said.status_code)
            assert changed(before, await door.rows()) == set(), path


async def test_every_route_says_how_it_is_guarded(open_door: Door) -> None:
    """Nothing but the inboxes answers a POST from everywhere."""
    from fedcop.web.app import PAGES

    for endpoint in PAGES:
        assert isinstance(endpoint, Endpoint)
        assert endpoint.csrf, endpoint.path
        if "POST" in endpoint.methods and endpoint.auth == "anyone":
            assert endpoint.path in HARMLESS or endpoint.limit, endpoint.path
