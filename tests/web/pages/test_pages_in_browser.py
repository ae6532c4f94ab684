"""The pages in a real browser: without scripts, and accessible in light, dark, narrow and wide."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Error, Page, async_playwright
from pydantic import SecretStr
from town_of_pages import PASSWORD

from fedcop.bootstrap import build
from fedcop.db.migrate import upgrade
from fedcop.domain.access.passwords import hash_password
from fedcop.domain.access.sessions import begin, set_password
from fedcop.domain.people.block import block
from fedcop.domain.people.models import Actor
from fedcop.domain.site.found import set_up
from fedcop.settings import Settings
from tests.fediverse import Person, Place, Server

pytestmark = pytest.mark.anyio

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TITLE = "How do you anchor willows?"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
TEXT = f"""Look:

```
{"R-14 " * 60}
```

| Station | pH | Turbidity | Who has measured it |
|---|---|---|---|
| R-14 | 7.2 | 3.1 | {LONG} |
"""
SMALL = """[...document.querySelectorAll('main :is(.btn, button, summary)')]
    .filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 43.5)
    .map(it => it.outerHTML.slice(0, 80))"""


@dataclass
class Site:
    """A whole server behind a real port, with two people and a community."""

    base: str
    server: Server
    ana: Person
    kofi: Person
    place: Place


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Site]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    secret = SecretStr("a secret of the tests")
    house = build(Settings(host=host, data_dir=folder, secret_key=secret, development=True))
    await upgrade(house.app.db, None)
    keys = await house.app.fresh_keys()
    await house.app.act(lambda uow: set_up(uow, name="Rivers Institute", keys=keys) and None)
    server = Server(house, host)
    ana, kofi = await server.person("ana"), await server.person("kofi")
    place = await server.community("watershed", ana)
    await server.act(lambda uow: set_password(uow, kofi.id, hash_password(PASSWORD)))
    config = uvicorn.Config(house.web, log_config=None, lifespan="off", ws="none")
    web = uvicorn.Server(config)
    running = asyncio.create_task(web.serve(sockets=[listener]))
    try:
        yield Site(f"http://{host}", server, ana, kofi, place)
    finally:
        web.should_exit = True
        await running
        listener.close()
        await house.close()


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("on this machine: no chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        await browser.close()


async def press(page: Page, name: str) -> None:
    """Press the first button or link of the content with this name, and wait for the page."""
    found = page.locator("main").get_by_role("button", name=name, exact=True)
    async with page.expect_navigation():
        await found.first.click()


async def test_everything_works_without_scripts(tmp_path: Path) -> None:
    async with serving(tmp_path) as site, browsing() as browser:
        uri = await site.ana.write(site.place, TITLE)
        await site.ana.reply(uri, "To the clay.")
        context = await browser.new_context(
            java_script_enabled=False, viewport={"width": 390, "height": 844}
        )
        page = await context.new_page()
        await page.goto(f"{site.base}/c/watershed")
        await page.get_by_role("link", name="Sign in to join").click()
        await page.get_by_label("Name or e-mail address").fill("kofi")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await press(page, "Sign in")
        assert page.url == f"{site.base}/c/watershed"
        await press(page, "Join Watershed")
        assert "You belong to this community now." in await page.inner_text("main")

        await page.get_by_role("link", name="New discussion").first.click()
        await page.get_by_label("Title").fill("Which jute holds?")
        await page.get_by_label("Text").fill("Ours rots in **one** winter.")
        await press(page, "Preview")
        assert await page.locator(".preview strong").inner_text() == "one"
        await press(page, "Post")
        assert "Your discussion is published." in await page.inner_text("main")
        assert await page.inner_text("h1") == "Which jute holds?"

        await page.goto(f"{site.base}/c/watershed")
        await page.get_by_role("link", name=TITLE).click()
        await press(page, "Helpful")
        await page.get_by_role("link", name="Reply", exact=True).last.click()
        assert "Reply to Ana" in await page.inner_text("#reply-form")
        await page.get_by_label("Your reply").fill("How deep is that?")
        await press(page, "Reply")
        assert "How deep is that?" in await page.inner_text(".thread")
        assert await page.locator("[aria-pressed=true]").count() == 1

        await page.locator(".thread summary").last.click()
        await page.get_by_role("link", name="Edit", exact=True).click()
        await page.get_by_label("Your reply").fill("How deep is the clay?")
        await press(page, "Save")
        assert "edited" in await page.inner_text(".thread")
        await page.locator(".thread summary").last.click()
        await page.get_by_role("link", name="Delete", exact=True).click()
        await press(page, "Delete it")
        assert "How deep" not in await page.inner_text("main")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Sign out").click()
        assert "You are signed out." in await page.inner_text("main")


def _collect(wrong: list[str]) -> Callable[[Error], None]:
    return lambda error: wrong.append(str(error))


async def look(page: Page, address: str) -> list[str]:
    """What is wrong with this page."""
    await page.goto(address)
    return await examine(page, address)


async def examine(page: Page, address: str) -> list[str]:
    """What is wrong with the page that is open."""
    found = await Axe().run(page, options={"runOnly": RULES})
    wrong = [f"{address}: {found.generate_report()}"] if found.violations_count else []
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    if await page.evaluate(width) > 0:
        wrong.append(f"{address} is too wide")
    small: list[str] = await page.evaluate(SMALL)
    return [*wrong, *(f"{address}: too small for a thumb: {it}" for it in small)]


@pytest.mark.parametrize("width", [390, 1280])
async def test_pages_are_accessible(tmp_path: Path, width: int) -> None:
    wrong: list[str] = []
    async with serving(tmp_path) as site, browsing() as browser:
        uri = await site.ana.write(site.place, f"{TITLE} {LONG}", TEXT)
        reply = await site.ana.reply(uri, "To the clay.")
        await site.ana.reply(await site.ana.reply(reply, "Deeper."), "Deepest.")
        await site.kofi.join(site.place)
        await site.kofi.reply(uri, "To whoever shouts loudest.")
        await site.server.act(
            lambda uow: block(uow, uow.get(Actor, site.ana.id), uow.get(Actor, site.kofi.id))
        )
        token = await site.server.act(lambda uow: begin(uow, site.ana.id))
        thread = f"/post/{uri.rsplit('/', 1)[1]}"
        members = ("/", "/c/watershed", thread, "/c/watershed/new", "/settings", "/nowhere")
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                viewport={"width": width, "height": 844},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page = await context.new_page()
            page.on("pageerror", _collect(wrong))
            for path in ("/", "/sign-in", "/c/watershed", thread):
                wrong += await look(page, site.base + path)
            cookie = {"name": "fedcop", "value": token, "url": site.base}
            await context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
            for path in members:
                wrong += await look(page, site.base + path)
            await page.goto(f"{site.base}/invite")
            await press(page, "Make a link")
            wrong += await examine(page, "/invite with a link")
            await context.close()
    assert not wrong, "\n".join(wrong)
