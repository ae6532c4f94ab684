"""Every page and the main forms on SQLite and on PostgreSQL."""

import pytest
from town_of_pages import Town

from tests.fediverse import Fediverse

pytestmark = pytest.mark.anyio


async def test_pages_and_forms(fediverse: Fediverse) -> None:
    server, far = await fediverse("rivers.example", "delta.example")
    ana, kofi = await server.person("ana"), await server.person("kofi")
    place = await server.community("watershed", ana)
    town = Town(server, far, fediverse, ana, kofi, place)
    async with await town.as_(ana) as browser:
        sent = {"title": "A \0title", "source": "A \0text for @kofi"}
        answer = await browser.post("/c/watershed/new", data=sent)
        assert answer.status_code == 303
        path = answer.headers["location"]
        number = path.split("/")[4]
        for url, form in (
            (f"/p/{number}/reply", {"source": "Yes\0"}),
            (f"/p/{number}/edit", {"title": "Another", "source": "Text\0"}),
            ("/settings/profile", {"display_name": "Ana\0", "bio": "Bio\0"}),
            ("/communities/new", {"name": "lakes", "title": "Lakes\0", "charter": "\0"}),
            ("/notifications/read", {}),
        ):
            assert (await browser.post(url, data=form)).status_code == 303, url
        paths = ("/", "/?order=active", "/explore", "/c/watershed/about", "/@ana", "/settings")
        more = ("/c/%00", "/@a%00", "/search?q=%00", "/search?q=an%00", "/enter/%00", "/join/%00")
        for path in (*paths, f"/post/{number}", "/notifications", "/invite", "/about", *more):
            answer = await browser.get(path, follow_redirects=True)
            assert answer.status_code == (404 if path in {*more[:2], *more[4:]} else 200), path
    async with await town.as_(kofi) as browser:
        assert (await browser.post(f"/p/{number}/helpful")).status_code == 303
        assert (await browser.post("/c/watershed/join")).status_code == 303
        assert (await browser.post("/c/watershed/leave")).status_code == 303
    async with town.anyone() as browser:
        wrong = await browser.post("/sign-in", data={"name": "x\0", "password": "\0"})
        assert wrong.status_code == 422
