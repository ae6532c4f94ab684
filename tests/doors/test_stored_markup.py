"""Markup that strangers and members send, wherever a page shows it: text, and nothing that runs."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.browsers import browser, token_of
from tests.doors.conftest import Door
from tests.doors.looker import Looker
from tests.doors.peers import Peer

pytestmark = pytest.mark.anyio
_HAND_MADE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#x6a;avascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:x'>x</a><a href='//evil.test'>x</a><a href='/sign-out'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe><object data=x></object><embed src=x>",
    "<form action=https://evil.test><input name=password><button>Go</button></form>",
    "<style>*{background:url(https://evil.test)}</style><link rel=stylesheet href=//evil.test>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'><base href=//evil.test>",
    "<div style='position:fixed' class='notice' id='main' onclick=alert(1)>x</div>",
    "<p hx-get='/sign-out' hx-trigger=load data-hx-post=x>x</p>",
    "</article></main></body></html><script>alert(1)</script>",
    "<!--<img src='--><img src=x onerror=alert(1)>'",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "'\"><script>alert(1)</script>",
    "{{7*7}}{% raw %}${7*7}<%= 7*7 %>",
    '"><svg/onload=alert(1)>',
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video src=x onerror=alert(1)></video><audio src=x onerror=alert(1)></audio>",
    "<b>" * 3_000 + "deep",
    "[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x] [a](//evil.test) [b](data:text/html,x)",
    "`<script>alert(1)</script>`\n\n    <script>alert(1)</script>",
)


def strings(shared: Path) -> list[str]:
    """What is hand-made, and the inputs of the published collection."""
    paths = sorted((shared / "hostile-data/xss").rglob("*.test"))
    texts = (path.read_text(errors="replace").partition("\n--\n")[0] for path in paths)
    found = [*_HAND_MADE, *texts]
    assert len(found) > len(_HAND_MADE)
    return found


async def clean(door: Door, *urls: str) -> None:
    token = await token_of(door, door.kofi)
    for session in (token, ""):
        async with browser(door, session) as client:
            for url in urls:
                said = await client.get(url, follow_redirects=True)
                assert said.status_code == 200, (url, said.status_code)
                looker = Looker()
                looker.feed(said.text)
                looker.close()
                assert looker.bad == [], (url, looker.bad[:5])


async def page_of(door: Door, uri: str) -> str:
    post = await door.find(uri)
    assert post is not None
    return f"/c/garden/p/{post.root_id}/x"


async def test_what_strangers_send(open_door: Door, shared: Path) -> None:
    """In the text, title, warning and attachments of a post, in names and profiles."""
    door = open_door
    threads: list[str] = []
    people: list[str] = []
    for number, text in enumerate(strings(shared)):
        fields: dict[str, Any] = {"name": text, "summary": text, "url": "javascript:alert(1)"}
        who = Peer(door.web, f"https://x{number}.test/u/u", 1)
        who.more = {**fields, "icon": {"type": "Image", "url": text}, "preferredUsername": text}
        who.live()
        link = {"type": "Link", "href": "javascript:alert(1)", "name": text}
        file = {"type": "Document", "url": f"https://x.test/{number}", "name": text}
        tags = [{"type": "Mention", "href": door.kofi.uri, "name": text}]
        tags.append({"type": "Hashtag", "href": "javascript:alert(1)", "name": text})
        said: dict[str, Any] = {"content": text, "attachment": [link, file], "tag": tags}
        said |= {"cc": [door.garden.uri], "url": "javascript:alert(1)", "audience": door.garden.uri}
        starter = who.note(type="Page", **said, name=text, summary=text)
        reply = who.note(inReplyTo=door.starter, sensitive=True, summary=text, **said)
        for note in (starter, reply):
            assert (await door.hears(who, who.creates(note))).status_code == 202
        if await door.find(starter["id"]) is not None:
            threads.append(await page_of(door, starter["id"]))
        people.append(who.uri)
    assert len(threads) > 20
    await clean(door, *threads, await page_of(door, door.starter))
    await clean(
        door, "/c/garden", "/", "/explore", "/notifications", "/c/garden/about", "/search?q=a"
    )
    found = [f"/search?q={uri}" for uri in people]
    async with browser(door) as client:
        for url in found[:40]:
            shown = await client.get(url)
            if shown.status_code == 303:
                await clean(door, shown.headers["location"])


async def test_what_members_write(open_door: Door, shared: Path) -> None:
    """Markdown, names, charters, what is searched for, and what a form shows again."""
    door = open_door
    urls: list[str] = []
    for text in strings(shared):
        uri = await door.kofi.write(door.garden, (text.split("\n")[0] or "x")[:150], text or "x")
        urls.append(await page_of(door, uri))
        await door.kofi.reply(door.starter, text or "x")
    await clean(door, *urls, await page_of(door, door.starter), "/c/garden", "/")
    token = await token_of(door, door.kofi)
    async with browser(door, token) as client:
        for text in strings(shared)[:40]:
            for said in (
                await client.post("/settings/profile", data={"display_name": text, "bio": text}),
                await client.post("/communities/new", data={"name": text, "title": text}),
                await client.get("/search", params={"q": text}),
                await client.get("/sign-in", params={"next": text}),
                await client.post("/sign-in", data={"name": text, "password": "", "next": text}),
                await client.get("/@kofi"),
                await client.get(f"/c/{quote(text[:20], safe='')}", params={"x": text}),
            ):
                looker = Looker()
                looker.feed(said.text)
                assert looker.bad == [], (text, looker.bad)
                assert said.status_code < 500
