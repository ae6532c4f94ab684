"""The frame in a browser: accessible, no wider than the screen, nothing said on the console."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from babel import Locale
from playwright.async_api import Browser, Page, async_playwright
from sample_pages import add_samples
from sample_site import MEMBER, Site, make_site

from fedcop.web.locale import languages

pytestmark = pytest.mark.anyio

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PATHS = ("/", "/sample/thread", "/sample/form", "/sample/nothing", "/fail/gone")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@asynccontextmanager
async def serving(*, member: bool) -> AsyncIterator[tuple[Site, str]]:
    """A sample site behind a real port, and its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    site = make_site(host, development=True, viewer=MEMBER if member else None)
    config = uvicorn.Config(site.app, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield site, f"http://{host}"
    finally:
        server.should_exit = True
        await running
        listener.close()


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("on this machine: no chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def visit_page(page: Page, address: str) -> None:
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == (410 if address.endswith("/gone") else 200), address


async def look(page: Page, where: str) -> list[str]:
    """What is wrong with the page that is open."""
    found = await Axe().run(page, options={"runOnly": RULES})
    wrong = [f"{where}: {found.generate_report()}"] if found.violations_count else []
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    if await page.evaluate(width) > 0:
        wrong.append(f"{where}: wider than the screen")
    return wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_pages_are_accessible_and_fit(scheme: str, width: int) -> None:
    wrong: list[str] = []
    async with serving(member=True) as (_, base), browsing() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=True,
        )
        page = await context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if "CSP" in said.text else None)
        page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
        for path in PATHS:
            await visit_page(page, base + path)
            wrong += await look(page, path)
        await page.goto(f"{base}/sample/form")
        await page.fill("[name=title]", "taken")
        await page.locator("main .btn.primary").click()
        await page.locator("main [role=alert]").wait_for()
        wrong += await look(page, "form with errors")
    assert not wrong, "\n".join(wrong)


async def test_from_right_to_left_and_for_visitors() -> None:
    wrong: list[str] = []
    async with serving(member=False) as (site, base), browsing() as browser:
        english = languages()["en"]
        arabic = replace(english, code="ar", locale=Locale.parse("ar"))
        add_samples(arabic)
        site.app.state.languages = {"en": english, "ar": arabic}
        context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="ar")
        page = await context.new_page()
        for path in PATHS:
            await visit_page(page, base + path)
            assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
            wrong += await look(page, path)
    assert not wrong, "\n".join(wrong)


async def test_forms_work_without_scripts_from_our_own_pages() -> None:
    async with serving(member=True) as (_, base), browsing() as browser:
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"{base}/sample/form")
        await page.fill("[name=title]", "Zürich")
        await page.fill("[name=password]", "p")
        await page.locator("[name=kind]").first.check()
        await page.locator("main .btn.primary").click()
        assert "Zürich False discussion" in await page.inner_text("body")
