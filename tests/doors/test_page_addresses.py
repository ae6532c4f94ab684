"""Every address with whatever can stand in one: found, or not found, and never a mistake."""

import re

import httpx
import pytest

from tests.doors.browsers import browser, filled, routes, token_of
from tests.doors.conftest import Door

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900),  # thousands of requests, beside whatever else the machine does
]
HTML, JSON = "text/html", "application/activity+json"
ACCEPTS = (
    "text/html", "", "*/*", "application/activity+json", "application/json", "text/plain;q=nan",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', ";;;,,,", '"',
    "a" * 9_000, "application/activity+json;q=-1", "text/html;q=" + "9" * 400,
    "\x01", "application/ld+json",
)  # fmt: skip
IDS = (0, 1, (1 << 63) - 1, 1 << 63, 1 << 64, 10**30, "9" * 400, "-1", "%2b1", "1.5", "0x10", "١")
NAMES = (
    "x" * 10_000, "%00", "..%2f..%2fetc%2fpasswd", "..", "%2e%2e", "a%0d%0aSet-Cookie:x=y",
    "%ff%fe", "@@", "a@b@c", "garden@", "@cop.test", "garden@cop.test", "garden@COP.TEST",
    "x@127.0.0.1",
    "x@[::1]", "%F0%9F%90%9D", "%ED%A0%80", "a%20b", "';--", "%25", "%3Cscript%3E", "GARDEN",
    "%E2%80%AE",
)  # fmt: skip


def checked(said: httpx.Response, url: str) -> None:
    assert said.status_code < 500, (url[:100], said.status_code, said.text[:300])
    headers = said.headers
    assert headers["x-content-type-options"] == "nosniff", url
    assert "default-src 'none'" in headers["content-security-policy"], url
    assert headers["referrer-policy"] == "same-origin", url
    assert "max-age=" in headers["strict-transport-security"], url
    assert headers.get("set-cookie", "").partition("=")[0] != "x"
    if said.is_redirect:
        location = headers["location"]
        assert location.startswith(("/", "https://cop.test/")), location
        assert not location.startswith("//"), location
    if headers.get("content-type", "").startswith("text/html"):
        assert not re.search(r"<script>(?!</)|onerror=", said.text.replace("&lt;", "")), url


def addresses(door: Door) -> list[str]:
    """All but `/readyz`, which says 503 where no worker runs."""
    return [path for path in dict.fromkeys(routes(door, "GET")) if path != "/readyz"]


async def row_of(door: Door) -> int:
    post = await door.find(door.starter)
    assert post is not None
    return post.id


async def test_every_address_with_odd_parts(open_door: Door) -> None:
    door = open_door
    token, row_id, before, number = await token_of(door, door.kofi), await row_of(door), None, 0
    before = await door.rows()
    for path in addresses(door):
        rows = IDS if "{row_id}" in path or "{id:int}" in path else (row_id,)
        urls = [filled(path, door, one) for one in rows]
        if "{name}" in path:
            urls += [filled(path, door, row_id, name) for name in NAMES]
        for parameter in ("{token}", "{slug}", "{digest}", "{file}"):
            urls += [
                filled(path.replace(parameter, name), door, row_id)
                for name in NAMES
                if parameter in path
            ]
        for url in urls:
            number += 1
            for session, accept in ((token, HTML), ("", (JSON, HTML)[number % 2])):
                async with browser(door, session, f"10.{number % 250}.{number // 250}.9") as client:
                    checked(await client.get(url, headers={"Accept": accept}), url)
    assert await door.rows() == before


async def test_every_address_in_every_form(open_door: Door) -> None:
    """Odd Accept headers and languages; a HEAD has the headers of its GET and no body."""
    door = open_door
    token, row_id, number = await token_of(door, door.kofi), await row_of(door), 0
    for path in addresses(door):
        url = filled(path, door, row_id)
        number += 1
        async with browser(door, token, f"10.1.{number}.9") as client:
            for accept in ACCEPTS:
                headers = {"Accept": accept, "Accept-Language": accept}
                checked(await client.get(url, headers=headers), url)
            if "{token}" in path:
                continue
            asked, whole = await client.head(url), await client.get(url)
            checked(asked, url)
            assert asked.content == b"", url
            assert asked.status_code == whole.status_code, url
            kinds = [one.headers.get("content-type") for one in (asked, whole)]
            assert kinds[0] == kinds[1], url
            for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW"):
                said = await client.request(method, url)
                assert said.status_code in {403, 404, 405}, (method, url, said.status_code)


async def test_cursors_and_queries(open_door: Door) -> None:
    door = open_door
    token, number = await token_of(door, door.kofi), 0
    sqlite = door.server.house.app.db.is_sqlite
    odd = (
        "-1",
        "0",
        str(1 << 63),
        "9" * 300,
        "x",
        "%00",
        "1e9",
        "",
        "%ff",
        "١",
        "1;DROP TABLE posts",
    )
    for path in ("/", "/explore", "/c/garden", "/c/garden/about", "/@kofi", "/notifications",
                 "/search", "/c/garden/outbox", "/c/garden/followers", "/u/kofi/outbox",
                 "/c/garden/featured", "/c/garden/moderators"):  # fmt: skip
        for key in ("before", "after", "order", "where", "page", "q", "reply", "next", "min_id"):
            number += 1
            async with browser(door, token, f"10.2.{number % 250}.{number // 250}") as client:
                for index, value in enumerate(odd):
                    url = f"{path}?{key}={value}"
                    both = (HTML, JSON)  # on PostgreSQL, which is slower, every other one
                    chosen = both if sqlite else both[(number + index) % 2 :][:1]
                    for accept in chosen:
                        said = await client.get(url, headers={"Accept": accept})
                        if said.status_code != 429:
                            checked(said, url)
                checked(await client.get(f"{path}?before={1 << 62}&after={1 << 62}&before=x"), path)


async def test_discovery(open_door: Door) -> None:
    door = open_door
    before = await door.rows()
    async with browser(door) as client:
        for resource in (
            "acct:kofi@cop.test", "acct:garden@cop.test", "acct:%00@cop.test", "acct:kofi",
            "acct:@cop.test", "acct:kofi@evil.test", "https://cop.test/u/kofi", "javascript:x",
            "https://cop.test/post/" + "9" * 30, "https://cop.test/c/%00", "acct:" + "x" * 9_000,
            "https://evil.test/u/x", "//cop.test/u/kofi", "acct:kofi@cop.test:99999", "%ff",
            "acct:ko%ED%A0%80fi@cop.test", "https://cop.test/%00", "acct:a@b@cop.test", "",
        ):  # fmt: skip
            said = await client.get(f"/.well-known/webfinger?resource={resource}")
            assert said.status_code in {200, 400, 404}, resource
            if said.status_code == 200:
                assert "evil" not in said.text
        for text in ("%00", "x" * 9_000, "https://127.0.0.1/", "https://cop.test/c/%00", "@x@%00",
                     "file:///etc/passwd", "https://evil.test/u/eve", "@eve@evil.test", "%25", "_",
                     "https://cop.test/c/..%2f..//evil.test", "https://cop.test//evil.test",
                     "https://cop.test/c//evil.test", "https://[", "http://[::1",
                     "https://a]b/"):  # fmt: skip
            said = await client.get(f"/search?q={text}")
            checked(said, text)
            said = await client.get(f"/authorize_interaction?uri={text}")
            checked(said, text)
    assert door.web.asked == []
    assert await door.rows() == before
