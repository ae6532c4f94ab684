"""Every page and the main forms on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta

import httpx
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


async def test_a_form_that_is_sent_again_makes_no_second_post(
    fediverse: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was not answered, or presses twice, sends the very same words again."""
    server, far = await fediverse("rivers.example", "delta.example")
    ana, kofi = await server.person("ana"), await server.person("kofi")
    place = await server.community("watershed", ana)
    await kofi.join(place)
    town = Town(server, far, fediverse, ana, kofi, place)
    async with await town.as_(ana) as browser, await town.as_(kofi) as other:

        async def sends(who: httpx.AsyncClient, url: str, **form: str) -> str:
            answer = await who.post(url, data=form)
            assert answer.status_code == 303, answer.text
            return answer.headers["location"]

        async def starts(who: httpx.AsyncClient = browser, text: str = "Stakes.") -> str:
            return await sends(who, "/c/watershed/new", title="Willows", source=text)

        both = await asyncio.gather(starts(), starts())
        first = both[0]
        assert {*both, await starts(), await starts(text=" Stakes.\r\n")} == {first}
        assert len({first, await starts(other), await starts(text="Live stakes.")}) == 3
        number = first.split("/")[4]

        async def replies(to: str = number, text: str = "Which?") -> str:
            return await sends(browser, f"/p/{to}/reply", source=text)

        twice = await asyncio.gather(*(replies() for _ in range(3)))
        one = twice[0]
        assert {*twice, await replies()} == {one}
        _, _, below = one.partition("#r")
        assert len({one, await replies(text="Which then?"), await replies(to=below)}) == 3

        # what was taken back, or said long ago, can be said again
        await sends(browser, f"/p/{below}/delete")
        again = await replies()
        assert again != one
        monkeypatch.setattr("fedcop.domain.posts.again.AGAIN_WITHIN", timedelta())
        assert await replies() not in {one, again}
