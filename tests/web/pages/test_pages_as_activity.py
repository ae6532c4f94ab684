"""A page's URL answers ActivityPub with the object itself, and a browser with the page."""

import httpx
import pytest
from town_of_pages import Town

pytestmark = pytest.mark.anyio

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.mark.parametrize("accept", ["application/activity+json", LD])
async def test_the_object_itself(town: Town, ask: httpx.AsyncClient, accept: str) -> None:
    uri = await town.ana.write(town.place, "How do you anchor willows?")
    reply = await town.ana.reply(uri, "Yes")
    number = uri.rsplit("/", 1)[1]
    base = "https://rivers.example"
    for path, wanted in (
        ("/", f"{base}/"),
        ("/c/watershed", f"{base}/c/watershed"),
        ("/u/ana", f"{base}/u/ana"),
        ("/@ana", f"{base}/u/ana"),
        (f"/post/{number}", uri),
        (f"/c/watershed/p/{number}", uri),
        (f"/c/watershed/p/{number}/how-do-you-anchor-willows", uri),
        (reply.removeprefix(base), reply),
    ):
        answer = await ask.get(path, headers={"Accept": accept})
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("application/activity+json")
        assert answer.json()["id"] == wanted
        page = await ask.get(path, headers={"Accept": BROWSER}, follow_redirects=True)
        assert page.headers["content-type"].startswith("text/html"), path
        assert "Accept" in page.headers["vary"]


async def test_errors_in_the_same_form(ask: httpx.AsyncClient) -> None:
    accept = {"Accept": "application/activity+json"}
    for path in ("/c/nobody", "/u/nobody", "/post/17", "/@nobody", "/nowhere"):
        answer = await ask.get(path, headers=accept)
        assert answer.status_code == 404, path
        assert "json" in answer.headers["content-type"]
    answer = await ask.get("/notifications", headers=accept)
    assert answer.status_code == 401
